"""What each order does, within the box's own limits, which hold whatever an order says.

A warning and an order do not talk at once: whoever began ends, the other waits.
"""

import asyncio
import gc
import os
from collections import namedtuple

from tamer.judge import rules, speech_budget
from tamer.saved_orders import POLICY

_LONGEST_PLAY = 15  # s
# Messages on their way to the hub before a restart, ms; and s until a start counts as a good one
# (tamer.failed_starts), so that one that is ordered is no failure.
_LAST_WORDS = 1000
_PROVEN = 20

# What orders act upon, of the unit. lamp: whether there is one. tell: the event `order`.
# rehearsed(message): a message is there anew. check(night): takes the place of the nightly
# self-check, and returns what was there; plan: of the settings. flush: what was heard is on flash.
# memory: the chip's own.
Box = namedtuple(
    "Box",
    ("voice", "spotlight", "lamp", "hearing", "runner", "restraint", "clock")
    + ("tell", "rehearsed", "check", "plan", "flush", "memory"),
)


class Obey:
    """Carries orders out: of speech one sounds and one may wait."""

    def __init__(self, box):
        self._box = box
        self._talks = 0  # that sound or wait for their turn

    def refusal(self, order):
        """(why, what exactly) an order, good in itself, is refused before anything of it is done;
        None if it is not."""
        box, verb = self._box, order["verb"]
        if verb in ("say", "play", "voice", "calibrate-check") and box.voice is None:
            return "no speaker", None
        if verb == "update":
            from tamer import update

            return update.refusal(order, box.memory, box.clock.now())
        if verb in ("say", "play"):
            return self._silence() or (("busy", None) if self._talks > 1 else None)
        if verb == "calibrate-check" and box.restraint.mute_until > box.clock.now():
            return "muted", None
        if verb == "spotlight" and not box.lamp:
            return "no lamp", None
        if verb == "spotlight" and order["state"] == "on" and not self._ruling().lamp:
            return "pause", None
        return None

    async def carry_out(self, order, path):
        """(result, why, detail, until, reason) as the event has them, as many as there are; None
        where the box is about to start again. path: of what came in parts. Raises OSError."""
        verb = order["verb"]
        if verb == "say":
            return await self._say(order, order["message"])
        if verb == "play":
            return await self._say(order, path, _LONGEST_PLAY)
        if verb == "voice":
            return await self._keep_voice(order["message"], path)
        if verb == "policy":
            os.rename(path, POLICY)
        if verb == "update":
            from tamer import update

            update.keep(order, path, self._box.memory)
        if verb in ("policy", "restart", "update"):
            return await self._restart()
        if verb == "calibrate-check":
            from tamer import ordered_check

            return await ordered_check.check(self._box)
        if verb == "examine":
            self._box.hearing.examine()
            return ("done",)
        return self._for_a_while(order, verb)

    def _for_a_while(self, order, verb):
        box, seconds = self._box, order["for"]
        until = box.clock.now() + seconds if seconds else 0
        if verb == "mute":
            box.restraint.mute(until)
        elif verb == "volume":
            box.restraint.lower(order["offset"], until)
        else:
            box.spotlight.order({"on": True, "off": False}.get(order["state"]), seconds)
        box.runner.judge_anew()
        if verb == "spotlight" and order["state"] == "auto":
            until = 0
        return "done", None, None, until or None, order.get("reason") if until else None

    async def _say(self, order, message, longest=None):
        box, n, verb = self._box, order["n"], order["verb"]
        why = self._unspeakable(message, longest)
        if why:
            return ("refused",) + why
        turn = box.voice.turn
        self._talks += 1
        try:
            if turn.locked() and verb == "say":
                box.tell(n, verb, "taken")
            async with turn:
                if box.clock.now() > order["until"]:
                    return "refused", "late"
                # Another message, or another hour, may have come before it.
                why = self._silence() or self._unspeakable(message, longest)
                if why:
                    return ("refused",) + why
                volume = box.restraint.applied(self._ruling(), box.clock.now()).volume
                box.runner.speaks(int(box.voice.length(message)) + 1)
                box.tell(n, verb, "begun")
                # Its file wants a piece of it.
                gc.collect()
                await box.spotlight.settled()
                await box.voice.say(message, volume, box.hearing.echo_ms())
        finally:
            self._talks -= 1
        return ("done",)

    def _silence(self):
        """(why, what exactly) nothing may be said now; None if it may."""
        if self._box.restraint.mute_until > self._box.clock.now():
            return "muted", None
        if not self._ruling().speak:
            return "pause", None
        return None

    def _unspeakable(self, message, longest):
        """(why, what exactly) a message cannot be said; None if it can."""
        box = self._box
        length, why = self._length(message, longest)
        if length is None:
            return why
        state, speaking = box.runner.state, box.runner.policy.speaking
        spent = speech_budget.spent(state.speech, state.seen)
        if spent + length > speaking.longest_per_hour:
            return "budget", "%d s of %d are spent" % (spent, speaking.longest_per_hour)
        return None

    def _length(self, message, longest=None):
        """(s, None), or (None, (why, what exactly)) of a message that is none."""
        most = self._box.runner.policy.speaking.longest_message
        most = min(most, longest or most)
        try:
            length = self._box.voice.length(message)
        except OSError as wrong:
            return None, ("missing", str(wrong))
        except ValueError as wrong:
            return None, ("spoilt", str(wrong))
        if length > most:
            return None, ("too long", "%.1f s, at most %d" % (length, most))
        return length, None

    async def _keep_voice(self, message, path):
        _, why = self._length(path)
        if why:
            return ("refused",) + why
        # What is being said is still read.
        async with self._box.voice.turn:
            self._box.voice.keep(message, path)
            self._box.rehearsed(message)
        return ("done",)

    async def _restart(self):
        """For ever: the start tells what became of it."""
        # The boot's second 0, since the time is known.
        age = self._box.clock.now() - self._box.hearing.unix(0)
        await asyncio.sleep(max(0, _PROVEN - age))
        if self._box.voice:
            await self._box.voice.turn.acquire()
        self._box.flush()
        await asyncio.sleep_ms(_LAST_WORDS)
        import machine

        machine.reset()

    def _ruling(self):
        """What the policy says now, without what was ordered."""
        box = self._box
        return rules.ruling(box.runner.policy, box.clock.now())
