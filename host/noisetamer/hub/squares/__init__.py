"""Squares: what is set for each of them, and the picture of it. Knows no units but by protocol."""
