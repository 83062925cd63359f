"""Measuring recordings with the firmware's own meter."""
