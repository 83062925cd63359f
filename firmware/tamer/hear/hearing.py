"""Seconds, of what an ear measured: each with its time, and valid or invalid for one reason."""

from tamer import clock
from tamer.hear.diagnosis.scheduler import Rounds
from tamer.hear.validity import validity
from tamer.hear.validity.echo import Echo
from tamer.record.reading import GAP, Second, missing


def ear_of(microphone, kernel, bank, full_scale, equaliser=(1.0, ())):
    """The ear at a made microphone; the rest is as for `ear.Ear`.

    A receiver that gives levels and no words brings its own: `ear`, made and used like ours.
    """
    own = getattr(microphone.i2s, "ear", None)
    if own is not None:
        return own(microphone, kernel, bank, full_scale, equaliser)
    # Only now: code that is not used takes no memory.
    from tamer.hear.ear import Ear

    return Ear(microphone, kernel, bank, full_scale, equaliser)


class Hearing:
    """One Second a second."""

    def __init__(self, ear, profile, own_voice, weather=None):
        """`ear`: see `ear_of`. `profile`: of its microphone.

        `own_voice(start)`: whether the loudspeaker has sounded since ticks_us `start`.
        `weather`: the board's instruments or None.
        """
        self._ear = ear
        self._own_voice = own_voice
        self._echo = Echo(ear.block_ms)
        self._guard = validity.Guard(profile, weather)
        self._rounds = Rounds(self._guard, ear)
        self._t = None
        self._waiting = []
        # LZ of each band in the last second, 0.1 dB; None without a bank.
        self.bands = None

    def start(self):
        """Begin to listen."""
        self._ear.start()

    def examine(self):
        """Let the signal doctor listen to the next seconds; `findings` tells when it is done."""
        self._rounds.ask()

    def findings(self):
        """What the doctor found, once: [(code, wrong, fix)], or None while there is nothing."""
        return self._rounds.findings()

    def echo_ms(self):
        """How long the square goes on answering when the box has spoken, as it last did."""
        return self._echo.lasts_ms()

    async def second(self):
        """The next Second. Seconds nothing was heard of come first, each as a gap."""
        if self._waiting:
            return self._waiting.pop(0)
        measured = await self._ear.second(self._own_voice, self._echo)
        self.bands = measured.bands
        why = self._guard.reason(measured, self._echo.end_second(), clock.known())
        self._rounds.look()
        self._date(measured.lost)
        LAeq, LAFmax, LCeq, LCpeak = measured.levels
        second = Second(self._t, LAeq, LAFmax, LCeq, LCpeak, why)
        if not self._waiting:
            return second
        self._waiting.append(second)
        return self._waiting.pop(0)

    def _date(self, lost):
        """Give the second its time; the ones that went by unheard become gaps."""
        began = clock.now() - 1
        self._t = began - lost if self._t is None else self._t + 1
        for _ in range(lost):
            self._waiting.append(missing(self._t, GAP))
            self._t += 1
        if abs(began - self._t) > 1:
            self._t = began
