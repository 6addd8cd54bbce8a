"""The fate of a run of the monotonic class (QMIX), theory notes, section 10, Theorem C: never divergence.

For given orders the fit is isotonic regression: it keeps order and shifts with constants. So its maximum exceeds that
at V_j by something between γ times the least and the largest entry of V - V_j, and a run on which the orders stay tends
to an orbit at rate γ. `docs/certificates.md` has the argument for each way to show that they stay.

runs       the exact iteration, under fixed, ε-greedy and weighted data
orbits     proposals: periodic modes and the exact orbit that they would follow for ever
radius     all tuples of orders with another maximum are beaten around each point of the orbit
staying    tuples of orders tie with the chosen one, and for ever: the run is followed along directions
weighing   the same around an orbit under weights that depend on Q_tot
search     the search itself
"""
