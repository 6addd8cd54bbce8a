"""Doors for problems that are no model file yet: payoff tables, environments, step functions and tables of outcomes."""
