"""Rounds of guards: points, times, and check-ins that prove that somebody was there."""
