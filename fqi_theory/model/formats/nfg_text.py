"""Gambit's normal-form games (.nfg), written: a model of one state as a game whose payoffs all players share."""

from itertools import product

from fqi_theory.base.errors import ModelError, NumberError
from fqi_theory.model.available import require_all
from fqi_theory.model.mmdp import MMDP


def nfg_text(model: MMDP) -> str:
    """Return the .nfg text of an exact model of one state with discount 0: an outcome for each joint action.

    The first player's strategy varies fastest. Raises ModelError for what the format does not hold: several states, a
    discount, quotes and backslashes in names, actions that are not available; NumberError for models that are not
    exact.
    """
    if model.field != "exact":
        raise NumberError(f"model {model.name!r} is {model.field}; .nfg files are written of exact models")
    require_all(model.available, model.name, ".nfg")
    if model.n_states != 1:
        raise ModelError(f"model {model.name!r}: .nfg holds games of one state, found {model.n_states} states")
    if model.discount != 0:
        raise ModelError(
            f"model {model.name!r} has discount {model.discount}, and .nfg holds none: write it with discount 0 "
            "(--discount 0, with_discount(0))"
        )
    for text in (model.name, *(name for names in model.actions for name in names)):
        if '"' in text or "\\" in text or not text.isprintable():
            raise ModelError(f"model {model.name!r}: .nfg holds printable names without quotes, found {text!r}")
    joint = [place[::-1] for place in product(*map(range, model.action_counts[::-1]))]
    players = " ".join(f'"Player {i + 1}"' for i in range(model.n_agents))
    strategies = "\n".join("{ " + " ".join(f'"{name}"' for name in names) + " }" for names in model.actions)
    outcomes = "\n".join(f'{{ "" {", ".join([str(model.reward[(0, *a)])] * model.n_agents)} }}' for a in joint)
    order = " ".join(map(str, range(1, len(joint) + 1)))
    return f'NFG 1 R "{model.name}" {{ {players} }}\n{{ {strategies} }}\n{{\n{outcomes}\n}}\n{order}\n'
