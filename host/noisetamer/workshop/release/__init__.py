"""A release: made from a checkout, signed, looked at."""
