"""Policies as files: reading, checking, showing and trying them on stored seconds."""
