"""The readings of a reference meter: from its port, typed in, from a file."""
