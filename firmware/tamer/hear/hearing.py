"""From what an ear measures to Seconds: each has its time, and is valid or has one reason."""

from tamer import clock
from tamer.hear.diagnosis.monitor import Monitor
from tamer.hear.diagnosis.scheduler import Scheduler
from tamer.hear.validity.echo import Echo
from tamer.hear.validity.reasons import Validity
from tamer.record.reading import GAP, Second, missing


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

    def __init__(self, ear, profile, own_voice, weather=None, calibrated=True):
        """`ear`: see `ear_of`. `profile`: of its microphone.

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
        self._t = None
        self._waiting = []
        # LZ of each band in the last second, 0.1 dB; None without a bank.
        self.bands = None

    def start(self):
        """Begin to listen."""
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
        why = self._validity.reason(measured, self._echo.end_second(), clock.known())
        self._scheduler.end_second()
        self._date(measured.lost)
        LAeq, LAFmax, LCeq, LCpeak = measured.levels
        second = Second(self._t, LAeq, LAFmax, LCeq, LCpeak, why)
        if not self._waiting:
            return second
        self._waiting.append(second)
        return self._waiting.pop(0)

    def _date(self, lost):
        """Set the second's time; the `lost` ones before it become gaps."""
        began = clock.now() - 1
        self._t = began - lost if self._t is None else self._t + 1
        for _ in range(lost):
            self._waiting.append(missing(self._t, GAP))
            self._t += 1
        if abs(began - self._t) > 1:
            self._t = began
