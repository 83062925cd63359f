"""Policies on stored seconds."""
