"""Levels out of the hub, for other programs."""
