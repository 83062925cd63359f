"""Keeping what a hub has: packed, summed up, looked through, backed up, mended, let go of."""
