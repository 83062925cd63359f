"""The spotlight: on where the ladder, or an order, wants it and the policy allows it; spares lamp
and supply."""

import asyncio
import time

# Least time dark before it is lit, after power-on too, s: a cold lamp draws most.
_REST_S = 2

# From lighting the lamp until another load may draw its inrush current, ms.
_INRUSH_MS = 500

_FULL = 65535
_STEPS = 20


class Spotlight:
    """One lamp on a made pin."""

    def __init__(self, pin, least_on):
        """`pin`: the board's; the output to a relay, or a PWM, which then lights up softly.

        `least_on`: once lit, it stays lit for so many seconds.
        """
        self._pin = pin
        self._soft = hasattr(pin, "duty_u16")
        self._least_on = least_on
        self._wanted = False
        self._ordered = None  # by whoever has a hand in it, in place of the ladder
        self._ordered_for = 0  # s
        self._since = 0  # s since it was switched
        self._lit_at = 0  # ticks_ms
        self._spoke = False
        self.lit = False
        self._drive(0)

    def set(self, on):
        """What the ladder wants; `second` switches."""
        self._wanted = on

    def order(self, on, seconds):
        """On or off for so long, whatever the ladder wants; None: as that wants."""
        self._ordered, self._ordered_for = (on, seconds) if seconds else (None, 0)

    def second(self, allowed, speaking):
        """Once a second, after the ladder's effects: True or False when it switched, else None.

        `allowed`: by the policy at this hour. `speaking`: the amplifier is in use; in the first
        such second the lamp is not lit.
        """
        starts = speaking and not self._spoke
        self._spoke = speaking
        self._since += 1
        if self._ordered_for:
            self._ordered_for -= 1
        else:
            self._ordered = None
        on = (self._wanted if self._ordered is None else self._ordered) and allowed
        least = _REST_S if on else self._least_on
        if on == self.lit or self._since < least or (on and starts):
            return None
        self.lit = on
        self._since = 0
        if on:
            self._lit_at = time.ticks_ms()
        if on and self._soft:
            asyncio.create_task(self._rise())
        else:
            self._drive(_FULL if on else 0)
        return on

    async def settled(self):
        """Wait until the lamp's inrush current is over, before the amplifier starts."""
        if self.lit and self._since < _REST_S:
            since_ms = time.ticks_diff(time.ticks_ms(), self._lit_at)
            if since_ms < _INRUSH_MS:
                await asyncio.sleep_ms(_INRUSH_MS - since_ms)

    async def _rise(self):
        for step in range(1, _STEPS + 1):
            self._drive(_FULL * step // _STEPS)
            await asyncio.sleep_ms(_INRUSH_MS // _STEPS)

    def _drive(self, duty):
        if self._soft:
            self._pin.duty_u16(duty)
        else:
            self._pin(1 if duty else 0)
