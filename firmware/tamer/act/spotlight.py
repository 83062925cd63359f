"""The spotlight, on a made output pin."""


class Spotlight:
    def __init__(self, pin):
        self._pin = pin
        pin(0)

    def set(self, on):
        self._pin(1 if on else 0)
