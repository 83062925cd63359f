"""Burn-in: every part of a finished unit tried on the unit itself, and the signed result."""
