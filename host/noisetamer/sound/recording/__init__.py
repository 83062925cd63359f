"""Sound files, as recorders write them."""
