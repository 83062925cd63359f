"""The ways to a phone, one file each; what they share is in `channel.py`."""
