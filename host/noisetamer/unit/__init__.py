"""What one box consists of: board, files, voice, policy."""
