"""What a problem is, and where problems come from (theory notes, section 1).

mmdp          a fully observed cooperative multi-agent MDP, checked
transitions   its kernel: dense, sparse or deterministic
expectations  E_{-i}: what one agent sees of a joint table while the others follow the data
catalog       models of the literature and seeded random families, by name
formats       files: mmdp/1, .dpomdp, .nfg
"""
