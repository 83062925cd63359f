"""Reports from the store."""
