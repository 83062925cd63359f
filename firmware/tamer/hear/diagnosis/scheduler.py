"""When the signal doctor looks at the microphone, and what is told of it."""


class Rounds:
    def __init__(self, guard, ear):
        """`ear`: with `examine()` and `findings()`."""
        self._guard = guard
        self._ear = ear
        self._under_way = False
        self._asked = False
        self._codes = None

    def ask(self):
        """Look at the microphone in the next seconds, and tell what there is."""
        self._asked = True
        self._begin()

    def look(self):
        """Once a second: begin an examination of its own accord where the guard wants one."""
        if not self._under_way and self._guard.wants_doctor():
            self._begin()

    def findings(self):
        """What the doctor found, once: [(code, wrong, fix)], or None while there is nothing.

        An examination nobody asked for is told of only where it found something new.
        """
        found = self._ear.findings() if self._under_way else None
        if found is None:
            return None
        self._under_way = False
        codes = [finding[0] for finding in found]
        self._guard.told(codes)
        news = self._asked or codes != self._codes
        self._asked = False
        self._codes = codes
        return found if news else None

    def _begin(self):
        self._under_way = True
        self._ear.examine()
