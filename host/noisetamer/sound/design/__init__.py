"""Weighting filters, octave bands, equalisers."""
