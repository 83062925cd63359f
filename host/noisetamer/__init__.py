"""Noise Tamer on the host: simulate, measure, run the hub."""

__version__ = "0.1.0"
