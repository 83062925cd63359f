"""Calibrating a unit in the field: with a calibrator, beside a meter, per frequency."""
