"""What the hub tells other platforms, in the form that each of them takes."""
