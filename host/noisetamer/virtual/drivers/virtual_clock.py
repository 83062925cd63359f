"""Virtual time: it stands still while the box computes and jumps to what happens next.

Given a pace it follows real time times a factor; it may lag behind on a slow machine, it
never skips, so nothing the box does depends on how fast the machine is.

Without a pace a box would live an hour before its hub, in real time, has answered. So time does
not jump while an answer from a peer in this computer may be on its way. A host that knows when
that is so is asked (`ask_about_peers`). Else, after the box has sent something that nobody has
answered it waits for up to a real second, then, each time nothing came, for half as long; after
what came it waits until nothing more has come for 10 real ms. A silent peer costs some two real
seconds in all, a record and its acknowledgement some 20 real ms.
"""

import asyncio
import asyncio.core as core

import select
import utime

now = 0  # us since power came
_pace = 0.0
_real_start = 0
_events = []  # [due, callback], soonest first

# Real ms to wait for a peer: for an answer, at the most, and after one.
_ANSWER_MS = 1000
_SETTLED_MS = 10

_answer_ms = _ANSWER_MS
_wait_ms = 0  # of that, from the last traffic on
_traffic = 0  # when that was, real ms

_ask = None  # what asks the host about the peers
_unanswered = False  # whether something was sent since it was asked
_peers_at = 0  # when a peer does something by itself, us
# Then nothing comes of itself, but by a fault of the network: while there is one, streams are
# looked at so often, us.
_LOOK_US = 1000000
_calm_until = None  # what knows when the next one begins
_look_at = 0  # when the streams are to be looked at again, us
_waits_anew = False  # whether somebody else waits for a stream since

# MicroPython's C task queue stamps woken tasks with the real clock; a day ahead of it they
# are always due.
_AHEAD = utime.ticks_ms() + 86400000


def start(pace):
    """`pace`: simulated seconds per real second; 0 is as fast as the machine can."""
    global _pace, _real_start
    _pace = pace
    _real_start = utime.ticks_us()


def ask_about_peers(ask, calm_until):
    """`ask(now)` returns when all that is on its way has come; with when, in us, a peer does
    something by itself: later than `now`. `calm_until()`: when the network's next fault begins,
    us; None while there is one."""
    global _ask, _calm_until
    _ask, _calm_until = ask, calm_until
    core._io_queue.look_at_once()


def sent():
    """Bytes went to a real peer, which may answer."""
    global _wait_ms, _traffic, _unanswered
    _unanswered = True
    _wait_ms, _traffic = _answer_ms, utime.ticks_ms()


def received():
    """Bytes came from a real peer, and more may follow."""
    global _answer_ms, _wait_ms, _traffic
    _answer_ms = _ANSWER_MS
    _wait_ms, _traffic = _SETTLED_MS, utime.ticks_ms()


def _real_ms_left():
    """How long a peer's bytes may still be on their way."""
    global _answer_ms, _wait_ms
    if not _wait_ms:
        return 0
    left = _wait_ms - utime.ticks_diff(utime.ticks_ms(), _traffic)
    if left > 0:
        return left
    if _wait_ms != _SETTLED_MS:
        _answer_ms = max(_SETTLED_MS, _answer_ms // 2)
    _wait_ms = 0
    return 0


def spend(us):
    """The box is busy in a driver for so long."""
    global now
    now += us


def at(due, callback):
    """Call back when it is `due`."""
    event = [due, callback]
    i = len(_events)
    while i and _events[i - 1][0] > due:
        i -= 1
    _events.insert(i, event)


def sleep(us):
    """Block until `us` have passed; what is due meanwhile happens."""
    end = now + us
    while _events and _events[0][0] <= end:
        _happen()
    _jump(end)


def pass_alone(due):
    """Jump to `due` where nothing else can happen until then; False where something can."""
    global now
    # Not by max(), which looks its own arguments up by name.
    if due < now:
        due = now
    if (_events and _events[0][0] <= due) or not _all_wait(due):
        return False
    now = due
    return True


class _Flag(asyncio.ThreadSafeFlag):
    """Spares a turn of the event loop, of which a second of sound has eight, where nothing can
    come before what sets it."""

    async def wait(self):
        while not self.state:
            if not _events or not _all_wait(_events[0][0]):
                await super().wait()
                return
            _happen()
        self.state = 0


def _all_wait(until):
    """Whether no task and no stream has anything to do before then, or at that time."""
    queue = core._io_queue
    if _pace or queue._flags:
        return False
    if len(queue.map) > 1 and not _streams_rest(until):
        return False
    return not _task_due(until)


def _streams_rest(until):
    """Whether nothing can come by a stream before then, and at that time."""
    return _ask and not (_unanswered or _waits_anew) and until < _peers_at and until < _look_at


def _happen():
    due, callback = _events.pop(0)
    _jump(due)
    callback()


def _jump(due):
    global now
    if due > now:
        if _pace:
            left = int(due / _pace) - utime.ticks_diff(utime.ticks_us(), _real_start)
            if left > 0:
                utime.sleep_us(left)
        now = due


class _Queue(core.IOQueue):
    """asyncio's wait, on virtual time. Real sockets are polled while the pace makes us wait."""

    def __init__(self):
        super().__init__()
        self._flags = []
        # An entry of our own: the loop ends when it sees no stream and no timed task.
        self.map[None] = [None, None, None]
        self._ready = None

    def look_at_once(self):
        """Streams that are no files of the system's are seen by this port after a real ms at the
        soonest; but at once where something is ready."""
        self._ready = self.map[None][2] = open("/dev/zero", "rb")
        self.map[id(self._ready)] = self.map.pop(None)
        self.poller.register(self._ready, select.POLLIN)

    def queue_read(self, stream):
        if hasattr(stream, "state"):  # a ThreadSafeFlag
            self._flags.append((core.cur_task, stream))
            core.cur_task.data = self
        else:
            global _waits_anew
            _waits_anew = True
            super().queue_read(stream)

    def queue_write(self, stream):
        global _waits_anew
        _waits_anew = True
        super().queue_write(stream)

    def remove(self, task):
        for entry in self._flags:
            if entry[0] is task:
                self._flags.remove(entry)
                return
        super().remove(task)

    def _dequeue(self, stream):
        if stream is not self._ready:
            super()._dequeue(stream)

    def _wake(self):
        for entry in self._flags:
            if entry[1].state:
                break
        else:
            return False
        woken = False
        for entry in self._flags[:]:
            if entry[1].state:
                self._flags.remove(entry)
                core._task_queue.push(entry[0])
                woken = True
        return woken

    def _look(self):
        """What has come."""
        global _look_at, _waits_anew
        if _ask:
            calm = _calm_until()
            _look_at, _waits_anew = now + _LOOK_US if calm is None else calm, False
        super().wait_io_event(0)

    def _wait_for_peers(self):
        """Whether something may have come meanwhile, or still come."""
        global _unanswered, _peers_at, _waits_anew
        if _ask:
            _unanswered, _peers_at = False, _ask(now)
            _waits_anew = True
            self._look()
            return True
        left = _real_ms_left()
        if not left:
            return False
        super().wait_io_event(left)
        return _task_due(now) or _real_ms_left() > 0

    def wait_io_event(self, dt):
        global now
        end = now + 1000 * dt if dt >= 0 else None
        while True:
            while _events and _events[0][0] <= now:
                _happen()
            if len(self.map) > 1 and (not _ask or _waits_anew or now >= _look_at):
                self._look()
            # dt is 0 where a task is due.
            woken = self._flags and self._wake()
            if woken or not dt or _task_due(now) or (end is not None and now >= end):
                return
            due = _events[0][0] if _events else end
            if end is not None and end < due:
                due = end
            if not _pace:
                if len(self.map) > 1:
                    quiet = _ask and not _unanswered and now < _peers_at
                    if not quiet and self._wait_for_peers():
                        if _task_due(now):
                            return
                        continue
                    if _ask:
                        due = min(due, _peers_at)
                now = due
                continue
            left = int(due / _pace) - utime.ticks_diff(utime.ticks_us(), _real_start)
            if left <= 0:
                now = due
            elif left < 1000:
                utime.sleep_us(left)
                now = due
            elif len(self.map) > 1:
                super().wait_io_event(left // 1000)
                passed = int(utime.ticks_diff(utime.ticks_us(), _real_start) * _pace)
                now = max(now, min(passed, due))
            else:
                utime.sleep_us(left)
                now = due


def _task_due(at):
    """Whether a task of the event loop waits for no longer than that."""
    task = core._task_queue.peek()
    return task is not None and core.ticks_diff(task.ph_key, _ticks(at)) <= 0


def _ticks(at):
    return _AHEAD + at // 1000


def install():
    """Let asyncio live in virtual time."""
    core.ticks = lambda: _ticks(now)
    core._io_queue = _Queue()
    asyncio.ThreadSafeFlag = _Flag
