"""The report for the 15th: a month of a square, for residents and for the office."""
