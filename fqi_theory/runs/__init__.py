"""Runs of factored fitted Q-iteration: starts, the iteration, trajectories, start files."""
