"""What every room needs and no theory enters: numbers, memory limits, errors, sequences, caches and progress.

scalars    exact rationals, float64 and SymPy symbols behind one interface
matrices   exact rational matrices
limits     refusals before allocation
errors     one root for everything that is refused on purpose
sequences, caches, progress   entries made when asked for, kept within a size, counted while made
"""
