"""What was done to every unit, for ever: serial numbers, secrets at rest, reports."""
