"""Pages and streams for people."""
