"""Per frequency: the equaliser, from a noise beside a reference microphone."""
