"""Runs of the real firmware in a simulated square: trace, expectations, pictures."""
