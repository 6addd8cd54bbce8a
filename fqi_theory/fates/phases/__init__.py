"""The phase diagram: when factored Q-learning converges, oscillates or diverges (theory notes, section 10 ✦, ours).

structure      a function class as sets of agents
laws           the data at each state
rows           one row of fit weights as a distribution
uniform        closed forms for uniform data
product_rows   rows under product data, without a joint table
projection     the projection itself, for any data
negative_mass  ν, and where it is attained
kernel         ν_P of one model's own kernel
greedy_kernel  the same under ε-greedy data, over all greedy joint actions
diagram        the thresholds of a class under data
remedies       what moves a run back below its threshold
witnesses      small models that diverge, or do not converge
relay          those under ε-greedy data
logs           recorded joint actions
log_report     what they say about the thresholds, with confidence
"""
