"""How much a unit has drifted: the 0.5 dB rule, and its course over the years."""
