"""When the microphone is diagnosed, and which findings are reported."""


class Scheduler:
    """Starts a diagnosis when asked, or when the monitor wants one."""

    def __init__(self, monitor, ear):
        """`ear`: `examine()` starts a diagnosis, `findings()` is None until it is over."""
        self._monitor = monitor
        self._ear = ear
        self._under_way = False
        self._requested = False
        self._codes = None

    def request(self):
        """Diagnose the next seconds, and report the findings whatever they are."""
        self._requested = True
        self._start()

    def end_second(self):
        """Once a second: start a diagnosis where the monitor wants one."""
        if not self._under_way and self._monitor.wants_diagnosis():
            self._start()

    def findings(self):
        """List of Finding, once after each diagnosis; None while there is nothing to report.

        A diagnosis that was not requested is reported only where its findings have changed.
        """
        findings = self._ear.findings() if self._under_way else None
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
        self._under_way = True
        self._ear.examine()
