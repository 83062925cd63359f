"""When the signal doctor looks at the microphone, and what is told of it."""


class Rounds:
    def __init__(self, guard, examination):
        """`examination()`: makes one, with `listen(words, n)` and `findings()`."""
        self._guard = guard
        self._make = examination
        self._under_way = None
        self._asked = False
        self._codes = None

    def ask(self):
        """Look at the microphone in the next seconds, and tell what there is."""
        self._asked = True
        self._under_way = self._make()

    def look(self):
        """Once a second: begin an examination of its own accord where the guard wants one."""
        if not self._under_way and self._guard.wants_doctor():
            self._under_way = self._make()

    def listen(self, words, n):
        """One block of raw words, before a kernel overwrites them."""
        if self._under_way:
            self._under_way.listen(words, n)

    def findings(self):
        """What the doctor found, once: [(code, wrong, fix)], or None while there is nothing.

        An examination nobody asked for is told of only where it found something new.
        """
        found = self._under_way and self._under_way.findings()
        if found is None:
            return None
        self._under_way = None
        codes = [finding[0] for finding in found]
        self._guard.told(codes)
        news = self._asked or codes != self._codes
        self._asked = False
        self._codes = codes
        return found if news else None
