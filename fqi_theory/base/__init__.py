"""What every room needs and no theory enters: numbers, memory limits, errors, sequences, caches and progress.

scalars    exact rationals, float64 and SymPy symbols behind one interface
matrices   exact rational matrices
limits     refusals before allocation
errors     one root for everything that is refused on purpose
sequences  entries made when asked for; caches: kept within a size; progress: counted while made
drawing    how results are drawn by the room above them
"""
