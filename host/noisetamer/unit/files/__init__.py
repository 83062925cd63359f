"""What goes on a unit's flash."""
