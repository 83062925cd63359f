"""What the hub keeps about a person: all of it named, and let go of on request."""
