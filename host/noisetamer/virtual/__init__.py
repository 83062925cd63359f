"""Virtual hardware around the real firmware."""
