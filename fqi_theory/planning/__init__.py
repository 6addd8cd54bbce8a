"""Optimal values V* and values of policies, exact and float (what FQI-IGM converges to, theory notes, section 6)."""
