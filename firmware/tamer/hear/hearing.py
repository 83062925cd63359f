"""From what an ear measures to Seconds: each has its time, and is valid or has one reason."""

from tamer.hear.dating import Dating
from tamer.hear.diagnosis.monitor import Monitor
from tamer.hear.diagnosis.scheduler import Scheduler
from tamer.hear.validity.echo import Echo
from tamer.hear.validity.reasons import Validity
from tamer.record.reading import Second, is_dated


def ear_of(microphone, kernel, bank, full_scale, equaliser=(1.0, ())):
    """The ear at a made microphone; parameters as of `ear.Ear`.

    A receiver that gives levels instead of words brings its own as its attribute `ear`.
    """
    own = getattr(microphone.i2s, "ear", None)
    if own is not None:
        return own(microphone, kernel, bank, full_scale, equaliser)
    # Loaded on demand: unused code takes no memory.
    from tamer.hear.ear import Ear

    return Ear(microphone, kernel, bank, full_scale, equaliser)


class Hearing:
    """Makes one Second a second."""

    def __init__(self, ear, profile, own_voice, clock, weather=None, calibrated=True):
        """`ear`: see `ear_of`. `profile`: of its microphone. `clock`: this boot's.

        `own_voice(start)`: whether the loudspeaker has sounded since ticks_us `start`.
        `weather`: the board's instruments or None. `calibrated`: false where the calibration is
        lost: then no second is valid.
        """
        self._ear = ear
        self._own_voice = own_voice
        self._echo = Echo(ear.block_ms)
        monitor = Monitor(profile)
        self._validity = Validity(profile, monitor, weather, calibrated)
        self._scheduler = Scheduler(monitor, ear)
        self._clock = clock
        self._dating = Dating()
        self._news = None
        self._waiting = []
        # LZ of each band in the last second, 0.1 dB; None without a bank.
        self.bands = None

    def start(self):
        """Begin to listen; the box's second 0 begins."""
        self._clock.start()
        self._ear.start()

    def examine(self):
        """Diagnose the microphone in the next seconds; `findings` returns the result."""
        self._scheduler.request()

    def findings(self):
        """List of (code, wrong, fix), once after each diagnosis; None while there is no news."""
        return self._scheduler.findings()

    def echo_ms(self):
        """How long the square's echo of the box lasts, as after the last messages, ms."""
        return self._echo.lasts_ms()

    async def second(self):
        """The next Second. Seconds that passed unheard come first, each as a gap."""
        if self._waiting:
            return self._waiting.pop(0)
        measured = await self._ear.second(self._own_voice, self._echo)
        self.bands = measured.bands
        # Asked first: it may be known from now on.
        ended = self._clock.now_ms() if self._clock.known() else None
        t, before = self._dating.name(measured.lost, ended)
        self._news = self._clock.news() or self._news
        why = self._validity.reason(measured, self._echo.end_second(), is_dated(t))
        self._scheduler.end_second()
        LAeq, LAFmax, LCeq, LCpeak = measured.levels
        second = Second(t, LAeq, LAFmax, LCeq, LCpeak, why)
        if not before:
            return second
        before.append(second)
        self._waiting = before
        return self._waiting.pop(0)

    def unix(self, t):
        """Unix time of a second of this boot; while that is unknown, t as it is."""
        return self._dating.unix(t)

    def clock_news(self):
        """(boot_at, source, step, drift) as the event `clock` has them, once after the time was
        told and before the first second with such a name; else None."""
        news, self._news = self._news, None
        return news and (self._dating.boot_at,) + news
