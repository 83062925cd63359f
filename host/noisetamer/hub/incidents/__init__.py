"""What goes wrong in a square, whom it calls, and what becomes of it."""
