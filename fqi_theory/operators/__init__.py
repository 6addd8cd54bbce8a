"""F of the theory notes, section 3, the step of linear FQI on values: one definition, and the
forms in which it is computed.

value_space   the definition: affine factors of V, any number type
matrix        float64, one dense matrix            moments   float64, sparse
leaps         many float steps at once             following on-policy data, changed states only
exact         exact numbers, a block of integers a state (blocks, integers)
pieces        exact numbers where F would outgrow the model
"""
