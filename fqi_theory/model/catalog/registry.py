"""The list of all entries."""

from fqi_theory.model.catalog import fates, games, sequential
from fqi_theory.model.catalog.entry import Entry, Parameter, choice, rational, sizes, whole
from fqi_theory.model.catalog.random_models import SOURCE, random_model

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "two-state",
        "Theorem 3: diverges from discount 4/5 on",
        sequential.TWO_STATE,
        sequential.two_state,
    ),
    Entry(
        "two-state-1000",
        "the same with reward 1000",
        sequential.TWO_STATE,
        sequential.two_state_thousand,
    ),
    Entry("qplex-game-1", "3x3, 10.4 against a plateau of 10", games.QPLEX, games.qplex_game_1),
    Entry("qplex-game-2", "3x3 (QTRAN, WQMIX): linear fit is wrong", games.QPLEX, games.qplex_game_2),
    Entry("qplex-game-3", "3x3, equilibria of 8, 6 and 6", games.QPLEX, games.qplex_game_3),
    Entry("lecture-2x2", "2x2, of the lecture notes", games.LECTURE, games.lecture),
    Entry("coordination", "[[1,0],[0,1]]: optima no product set", games.OURS, games.coordination),
    Entry("climbing", "3x3, optimum 11 beside -30", games.MATRIX_GAMES, games.climbing),
    Entry("climbing-3p", "3x3x3, three players, 11 beside -30", games.MATRIX_GAMES, games.climbing_three_players),
    Entry(
        "penalty",
        "3x3, two optima of 10, missing costs k",
        games.MATRIX_GAMES,
        games.penalty,
        {"k": Parameter(rational, "a rational number", "100")},
    ),
    Entry("qtran-two-step", "agent 1 chooses which 2x2 game is played", sequential.TWO_STEP, sequential.two_step),
    Entry("qtran-random-state", "two 3x3 games, drawn evenly", games.QTRAN, games.qtran_random_state),
    Entry(
        "maven",
        "m steps, one wrong joint action ends it",
        sequential.MAVEN,
        sequential.maven,
        {"m": Parameter(whole(1, 10_000), "a number of steps in 1..10000", "10")},
    ),
    Entry("cycle-2", "uniform data: tends to a cycle of period 2", fates.OURS, fates.cycle_2),
    Entry("cycle-3", "uniform data: tends to a cycle of period 3", fates.OURS, fates.cycle_3),
    Entry("cycle-5", "uniform data: tends to a cycle of period 5", fates.OURS, fates.cycle_5),
    Entry(
        "qmix-cycle-2",
        "QMIX, uniform data: V(s1) = 4, 3, 4, 3, ... at any discount in (0, 1)",
        fates.OURS,
        fates.qmix_cycle_2,
        {"discount": Parameter(rational, "a rational number", "9/10")},
    ),
    Entry("qmix-cycle-3", "QMIX, uniform data: tends to a cycle of period 3", fates.OURS, fates.qmix_cycle_3),
    Entry("qmix-cycle-4", "QMIX, uniform data: tends to a cycle of period 4", fates.OURS, fates.qmix_cycle_4),
    Entry("qmix-cycle-5", "QMIX, uniform data: tends to a cycle of period 5", fates.OURS, fates.qmix_cycle_5),
    Entry("qmix-cycle-7", "QMIX, uniform data: tends to a cycle of period 7", fates.OURS, fates.qmix_cycle_7),
    Entry("qmix-jump", "QMIX, uniform data: its limit is no fixed point", fates.OURS, fates.qmix_jump),
    Entry(
        "aperiodic",
        "data (9/10, 1/10) for every agent: bounded, no cycle",
        fates.OURS,
        fates.aperiodic,
    ),
    Entry(
        "on-policy-aperiodic",
        "ε-greedy data, ε = 1/10: bounded, no cycle",
        fates.OURS,
        fates.on_policy_aperiodic,
    ),
    Entry(
        "unsettled",
        "ε-greedy data, ε = 1/10: values converge, greedy actions never settle",
        fates.OURS,
        fates.unsettled,
    ),
    Entry(
        "voting",
        "uniform data: a tent map, bounded, no cycle",
        fates.OURS,
        fates.voting,
        {
            "agents": Parameter(whole(2, 64), "a number of agents in 2..64", "7"),
            "actions": Parameter(whole(2, 1000), "a number of actions in 2..1000", "2"),
        },
    ),
    Entry("wandering", "uniform data: bounded, no limit or cycle in sight", fates.OURS, fates.wandering),
    Entry("pairwise", "uniform data: pairwise factors diverge, additive ones not", fates.OURS, fates.pairwise),
    Entry(
        "random",
        "seeded, with small denominators",
        SOURCE,
        random_model,
        {
            "seed": Parameter(whole(0, 10**18), "an integer >= 0", "1"),
            "states": Parameter(whole(1, 10**6), "a number of states in 1..1000000", "3"),
            "actions": Parameter(sizes, "numbers of actions, one an agent, such as 2x2", "2x2"),
            "kind": Parameter(choice("deterministic", "stochastic"), "deterministic or stochastic", "deterministic"),
            "discount": Parameter(rational, "a rational number", "9/10"),
        },
    ),
)
