"""Releases on their way to the boxes, some boxes at a time."""
