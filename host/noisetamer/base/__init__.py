"""What every room may use: errors, paths, files, processes, keys, paper."""
