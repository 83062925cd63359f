"""Many boxes from one machine, faults on the way, and an account of what became of it all."""
