"""What this machine does with Noise Tamer: beside other programs where they are installed."""
