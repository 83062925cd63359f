"""The messages a unit speaks."""
