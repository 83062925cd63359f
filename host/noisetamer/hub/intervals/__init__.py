"""What may be said of shares, times and counts, and how surely. Pure."""
