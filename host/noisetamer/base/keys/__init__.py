"""Secrets at rest and on their way: the ledger's vault, bundles for a hub."""
