"""What happened, in one file that proves itself."""
