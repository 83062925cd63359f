"""A hand that reaches back: signed orders to units, and what became of each."""
