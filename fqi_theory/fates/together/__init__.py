"""Runs of many small models at once: proposals in float64 arrays, confirmed in arrays of Python integers.

Only the plain cases are settled here: limits under a contraction, limits and cycles with a neighbourhood that is mapped
into itself. What is left is for the search of `decide`; what is settled comes with a certificate of the same kind.

tables      what the models have in common, and their steps in integers
steps       exact steps, affine pieces, composed maps, linear systems
proposals   runs in floats, and the modes that repeat in the end
orbits      exact limits and cycles of the modes that repeat
weights     weights in which F contracts
regions     neighbourhoods of orbits that some periods map into themselves
entries     when a run has entered a region, exactly
policies    V*, and values of greedy policies
answers     the fates of a batch
"""
