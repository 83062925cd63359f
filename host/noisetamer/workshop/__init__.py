"""From a carton of boards to calibrated units."""
