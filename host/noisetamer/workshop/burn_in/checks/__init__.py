"""What burn-in tries on a unit."""
