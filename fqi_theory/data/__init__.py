"""Data distributions p_D(a|s): where the data of each fit come from (theory notes, section 1).

sources           uniform, product, correlated and epsilon-greedy data, and the distribution one fit is weighted by
normal_equations  what a distribution says about additive least squares: its Gram matrix
counted           the empirical model and data of recorded transitions, with `recorded` and its files
data_json         data/1 files
"""
