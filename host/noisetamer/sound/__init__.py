"""Levels of sound: standards, filter design, kernels, measuring, verifying."""
