"""For tests of your own: Hypothesis strategies of models and data, and an oracle for mixing functions."""
