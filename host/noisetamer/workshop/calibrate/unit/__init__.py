"""The unit to be calibrated: what it is, what it hears, its files."""
