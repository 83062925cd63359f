"""Beside a reference meter."""
