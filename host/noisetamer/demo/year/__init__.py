"""A simulated year of a street: what was put in is known, so what is said of it can be checked."""
