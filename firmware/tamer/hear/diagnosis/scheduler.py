"""When the microphone is diagnosed, and which findings are reported."""

_AGAIN = 10  # s after which it is tried again, where there was no memory for it


class Scheduler:
    """Starts a diagnosis when asked, or when the monitor wants one."""

    def __init__(self, monitor, ear):
        """`ear`: `examine()` starts a diagnosis, `findings()` is None until it is over. Either
        raises MemoryError where there is none.
        """
        self._monitor = monitor
        self._ear = ear
        self._under_way = False
        self._requested = False
        self._wait = 0  # s
        self._codes = None

    def request(self):
        """Diagnose the next seconds, and report the findings whatever they are."""
        self._requested = True
        self._start()

    def end_second(self):
        """Once a second: start a diagnosis where one is wanted."""
        if self._wait:
            self._wait -= 1
        elif not self._under_way and (self._requested or self._monitor.wants_diagnosis()):
            self._start()

    def findings(self):
        """List of Finding, once after each diagnosis; None while there is nothing to report.

        A diagnosis that was not requested is reported only where its findings have changed.
        """
        if not self._under_way:
            return None
        try:
            findings = self._ear.findings()
        except MemoryError:
            self._later()
            return None
        if findings is None:
            return None
        self._under_way = False
        codes = [finding[0] for finding in findings]
        self._monitor.diagnosed(codes)
        is_news = self._requested or codes != self._codes
        self._requested = False
        self._codes = codes
        return findings if is_news else None

    def _start(self):
        try:
            self._ear.examine()
            self._under_way = True
        except MemoryError:
            self._later()

    def _later(self):
        """An order may have the memory just now. The box measures on."""
        self._under_way = False
        self._wait = _AGAIN
