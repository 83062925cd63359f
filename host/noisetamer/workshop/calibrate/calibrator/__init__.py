"""With a sound calibrator."""
