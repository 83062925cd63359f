"""The broker, its certificates, its client."""
