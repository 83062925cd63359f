"""Stored records, their schema and their queries."""
