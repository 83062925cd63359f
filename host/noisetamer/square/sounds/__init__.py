"""The project's own test sounds, one file a family; `catalogue` names them all."""
