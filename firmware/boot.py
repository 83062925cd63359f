"""Every boot; nothing needs to be done before main.py."""
