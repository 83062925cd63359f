"""The meter's digital part against IEC 61672-1: tests in the manner of IEC 61672-3."""
