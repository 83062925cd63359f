"""Pictures of a square's camera: taken at an incident, kept for so long, and never guessed."""
