"""MADP's .dpomdp files, written: an MMDP as the Dec-POMDP in which every agent sees the state.

Observations of each agent are the states; whatever was done, all of them see the successor. Numbers are decimals, as
the format has them. Names that are its identifiers stand as they are; others are quoted, which SDM Studio's dialect
and `read` know and MADP does not; names 0, 1, ... are their number. Tables write joint actions and states by index.
"""

from collections.abc import Iterator, Sequence

from flint import fmpq, fmpz

from fqi_theory.base.errors import ModelError, NumberError
from fqi_theory.base.scalars import MAX_DIGITS, MAX_EXPONENT
from fqi_theory.model.available import require_all
from fqi_theory.model.formats.dpomdp.lexer import IDENTIFIER, KEYWORDS
from fqi_theory.model.mmdp import MMDP

#: What reads as something else than a name where names and words of the format may stand.
WORDS = {*KEYWORDS, "uniform", "identity", "include", "exclude", "reward", "cost", "reset"}


def dpomdp_text(model: MMDP) -> str:
    """Return the .dpomdp text of an exact model, whose `read` gives back all of it but name and source.

    A model without a start distribution starts uniformly: the format asks for one. Raises ModelError, naming the place,
    for what the format does not hold: numbers that are no finite decimals (1/3), quotes in names, actions that are not
    available; NumberError for models that are not exact.
    """
    if model.field != "exact":
        raise NumberError(f"model {model.name!r} is {model.field}; .dpomdp files are written of exact models")
    require_all(model.available, model.name, ".dpomdp")
    lines = [*_preamble(model), *_observing(model), *_transitions(model), *_rewards(model)]
    return "\n".join(lines) + "\n"


def _preamble(model: MMDP) -> Iterator[str]:
    yield f"# {model.name!a}: every agent sees the state"
    yield f"agents: {model.n_agents}"
    yield f"discount: {_decimal(model.discount, model, 'the discount')}"
    yield "values: reward"
    yield f"states: {_names(model.states, model)}"
    yield "start:"
    if model.start is None:
        yield "uniform"
    else:
        yield " ".join(
            _decimal(p, model, f"the start at state {s}") for s, p in zip(model.states, model.start, strict=True)
        )
    yield "actions:"
    yield from (_names(names, model) for names in model.actions)
    yield "observations:"
    yield from [_names(model.states, model)] * model.n_agents


def _observing(model: MMDP) -> Iterator[str]:
    for s in range(model.n_states):
        yield f"O: * : {s} : {' '.join([str(s)] * model.n_agents)} : 1"


def _transitions(model: MMDP) -> Iterator[str]:
    for (s, *joint), row in model.transition.rows():
        for successor, p in row.items():
            if p != 0:
                text = _decimal(p, model, f"{model.place(s, joint)}, next state {model.states[successor]}")
                yield f"T: {_joint(joint)} : {s} : {successor} : {text}"


def _rewards(model: MMDP) -> Iterator[str]:
    for (s, *joint), _ in model.transition.rows():
        reward = model.reward[(s, *joint)]
        if reward != 0:
            yield f"R: {_joint(joint)} : {s} : * : * : {_decimal(reward, model, f'{model.place(s, joint)}, reward')}"


def _joint(joint: Sequence[int]) -> str:
    return " ".join(map(str, joint))


def _names(names: Sequence[str], model: MMDP) -> str:
    """Return names as a line of the preamble, or how many there are where they are 0, 1, ..."""
    if list(names) == list(map(str, range(len(names)))):
        return str(len(names))
    quoted = next((name for name in names if '"' in name), None)
    if quoted is not None:
        raise ModelError(f"model {model.name!r}: .dpomdp holds names without double quotes, found {quoted!r}")
    return " ".join(name if IDENTIFIER.fullmatch(name) and name not in WORDS else f'"{name}"' for name in names)


def _decimal(value: fmpq, model: MMDP, place: str) -> str:
    """Return a rational as a finite decimal; raises ModelError where it has none, or one longer than is read."""
    places = _places(value.q)
    digits = "" if places is None else str(abs(value.p) * fmpz(10) ** places // value.q)
    if places is None or len(digits) >= MAX_DIGITS:
        limits = f"finite decimals of at most {MAX_EXPONENT} places and {MAX_DIGITS} digits"
        raise ModelError(f"model {model.name!r}: {place}: .dpomdp holds {limits}, found {value}")
    padded = digits.rjust(places + 1, "0")
    whole, part = padded[: len(padded) - places], padded[len(padded) - places :]
    return f"{'-' if value < 0 else ''}{whole}{'.' if part else ''}{part}"


def _places(denominator: fmpz) -> int | None:
    """Return the least k for which the denominator divides 10^k, at most MAX_EXPONENT; None where there is none."""
    counts = []
    for prime in (2, 5):
        count = 0
        while denominator % prime == 0 and count <= MAX_EXPONENT:
            denominator, count = denominator // prime, count + 1
        counts.append(count)
    return max(counts) if denominator == 1 and max(counts) <= MAX_EXPONENT else None
