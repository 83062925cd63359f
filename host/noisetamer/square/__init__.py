"""A square in numpy: sources, crowd, microphone. Knows no firmware."""
