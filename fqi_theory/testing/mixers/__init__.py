"""Does a mixing function keep the promise of its class? A test helper for any callable Q_tot of per-agent utilities.

    from fqi_theory.testing.mixers import assert_mixer_matches
    assert_mixer_matches(lambda utilities: utilities.sum(axis=1), agents=3, actions=4)

games      ask a mixing function for a table
drawing    random games
readings   what is promised: "igm", "igm-sets", "monotonic" or "additive"
           (theory notes, sections 1, 6 and 8), and where it is broken
shrinking  a violation, shrunk to two agents with two actions where such a witness exists
batches    does the answer for a row depend on the other rows?
parameters does every parameter move Q_tot?
fits       the best that free utilities reach on one payoff table
matching   all of them: `assert_mixer_matches`

Violations are searched at random (seeded), so passing means that no counterexample was found, which is not a proof.
"""

from fqi_theory.testing.mixers.fits import MixerFit as MixerFit
from fqi_theory.testing.mixers.games import array_mixer as array_mixer
from fqi_theory.testing.mixers.matching import MixerReport as MixerReport
from fqi_theory.testing.mixers.matching import assert_mixer_matches as assert_mixer_matches
from fqi_theory.testing.mixers.readings import MixerViolation as MixerViolation
