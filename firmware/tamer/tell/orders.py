"""Orders as they come: whether one is the hub's, in turn and in time; and its parts put together.

Loaded when an order comes and unloaded a while after the last: most of the time its memory serves
others. What an order does is in `tamer.obey`.
"""

import asyncio
import gc
import os

from tamer import saved_orders
from tamer.record import orders
from tamer.record.reading import is_dated
from tamer.saved_orders import POLICY
from tamer.tell.transfer import Transfer

# Whoever forges orders, or repeats old ones, fills no journal: one event in so long, s.
_QUIET = 600
# For want of memory an order is tried so often, and again after so many s.
_TRIES, _AGAIN = 4, 2
# Loaded for so long after the last message, s.
_IDLE = 10


class Orders:
    """Takes the messages of the link."""

    def __init__(self, key, unit, memory, clock, tell, want, obey, told):
        """`key`: of this unit's orders, or "". `memory`: the chip's own. `clock`: this boot's.

        `tell(*values)`: the event `order`. `want(n, part)`: asks the hub for parts. `obey`: a
        `tamer.obey.Obey`. `told`: {why: [s since it was told, times since then, ...]} of what is
        told now and then; the caller counts its seconds, also when this is gone.
        """
        self._key = key
        self._unit = unit
        self._memory = memory
        self._clock = clock
        self._tell = tell
        self._want = want
        self._obey = obey
        self._told = told
        self._transfer = None
        self._running = 0
        self._left = _IDLE

    def order(self, message):
        """An order, or what is to pass for one."""
        self._left = _IDLE
        if not self._key:
            self._refuse_quietly("no key")
            return
        order = None
        if len(message) <= orders.MOST_BYTES:
            try:
                order = orders.opened(self._key, self._unit, message)
            except ValueError:
                order = {}
        if order is None:
            self._refuse_quietly("forged")
            return
        n, verb = order.get("n", 0), _named(order.get("verb"))
        # Each time: what is not done may have come to its end, a policy has proved itself.
        last, undone, of_verb = saved_orders.load(self._memory)
        if not orders.is_number(n):
            self._tell(None, verb, "refused", "fields", "n")
        elif n > last:
            self._take(n, verb, order, (undone, of_verb))
        elif self._transfer and n == self._transfer.order["n"]:
            # The hub has not heard of it yet.
            self._transfer.ask()
        else:
            self._refuse_quietly("number", n, verb, last)

    def _take(self, n, verb, order, undone):
        """undone: number and verb of the order that is not done."""
        has_parts = "size" in orders.VERBS.get(verb, ())
        lasts = has_parts or verb == "restart"
        why = self._refusal(verb, order, lasts and undone[0])
        try:
            # Before anything is done: whatever happens from now on, it is obeyed once.
            if lasts and not why:
                undone = n, verb
            saved_orders.save(self._memory, n, undone[0], undone[1])
        except OSError as wrong:
            why = "failed", str(wrong)
        try:
            if why:
                self._tell(n, verb, "refused", *why)
            elif has_parts:
                self._fetch(n, verb, order)
            else:
                self._start(n, verb, order, None)
        except MemoryError:
            self._transfer = None
            self._end(n, verb, ("refused", "no memory"))

    def _refusal(self, verb, order, waits_for):
        """(why, what exactly) it is not obeyed; None if it is.

        waits_for: whether it may not begin while another one that lasts is not done.
        """
        now, until = self._clock.now(), order.get("until")
        if not is_dated(now):
            return "clock", None
        if not isinstance(until, int) or until < now:
            return "late", "it is %d" % now
        if until > now + orders.MOST_AHEAD:
            return "early", "it is %d" % now
        if verb not in orders.VERBS:
            return "verb", None
        wrong = orders.wrong_field(order)
        if wrong:
            return "fields", wrong
        if waits_for and self._is_under_way():
            return "busy", None
        return self._obey.refusal(order)

    def _is_under_way(self):
        """Whether what is pending still comes, is carried out, or is on trial."""
        if self._transfer or self._running or POLICY[1:] in os.listdir("/"):
            return True
        from tamer import saved_release

        return bool(saved_release.load(self._memory).phase)

    def _fetch(self, n, verb, order):
        try:
            self._transfer = Transfer(order, self._want)
        except OSError as wrong:
            self._end(n, verb, ("refused", "no room", str(wrong)))
            return
        self._tell(n, verb, "taken")
        self._transfer.ask()

    def part(self, message):
        """A part of what belongs to an order."""
        self._left = _IDLE
        transfer = self._transfer
        try:
            n, index, data = orders.of_part(message)
        except ValueError:
            return
        if not transfer or n != transfer.order["n"]:
            return
        try:
            whole = transfer.take(index, data)
        except OSError as wrong:
            self._give_up(transfer, "no room", str(wrong))
            return
        if whole:
            self._transfer = None
            self._start(n, transfer.order["verb"], transfer.order, transfer)
        elif whole is not None:
            self._give_up(transfer, "spoilt", "another SHA-256")

    def second(self):
        """Once a second; False when nothing is to be done any more."""
        transfer = self._transfer
        if transfer:
            if self._clock.now() > transfer.order["until"]:
                self._give_up(transfer, "cut", transfer.state())
            else:
                transfer.second()
        waits = False
        for why in self._told:
            entry = self._told[why]
            if entry[1]:
                if entry[0] >= _QUIET:
                    self._tell_refused(why, entry)
                waits = True
        if self._left:
            self._left -= 1
        return bool(self._left or self._transfer or self._running or waits)

    def _start(self, n, verb, order, transfer):
        self._running += 1
        asyncio.create_task(self._carry_out(n, verb, order, transfer))

    async def _carry_out(self, n, verb, order, transfer):
        values = "refused", "no memory"
        for _ in range(_TRIES):
            try:
                values = await self._obey.carry_out(order, transfer and transfer.path)
                break
            except MemoryError:
                # The heap is in pieces now; in a while they are others.
                await asyncio.sleep(_AGAIN)
                gc.collect()
            except Exception as wrong:
                # Whatever it is: nothing that is ordered may keep a box from measuring.
                values = "refused", "failed", str(wrong)
                break
        self._running -= 1
        self._left = _IDLE
        if transfer:
            transfer.remove()
        if values:
            self._end(n, verb, values)

    def _give_up(self, transfer, why, detail):
        self._transfer = None
        transfer.remove()
        self._end(transfer.order["n"], transfer.order["verb"], ("refused", why, detail))

    def _end(self, n, verb, values):
        self._tell(n, verb, *values)
        self._release(n)

    def _release(self, n):
        """This order is not to be resumed."""
        last, undone, _ = saved_orders.load(self._memory)
        if n != undone:
            return
        try:
            saved_orders.save(self._memory, last)
        except OSError:
            # Then the next start calls it cut short.
            pass

    def _refuse_quietly(self, why, n=None, verb=None, last=None):
        """What anybody can send again and again is told now and then."""
        entry = self._told.get(why)
        if entry is None:
            entry = self._told[why] = [_QUIET, 0, None, None, None]
        entry[1] += 1
        entry[2:] = n, verb, last
        if entry[0] >= _QUIET:
            self._tell_refused(why, entry)

    def _tell_refused(self, why, entry):
        _, times, n, verb, last = entry
        entry[:2] = 0, 0
        self._tell(n, verb, "refused", why, None, None, None, last, times)


def _named(verb):
    """A verb as an event may have it."""
    if isinstance(verb, str) and 0 < len(verb) <= orders.LONGEST_NAME:
        return verb
    return None
