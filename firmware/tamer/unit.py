"""The one place that wires a unit together: hear, judge, act, record, tell."""

import asyncio
import json

from tamer import VERSION, clock
from tamer.act.panel import UNKNOWN, Panel
from tamer.act.spotlight import Spotlight
from tamer.act.voice import Voice
from tamer.hear import kernels
from tamer.hear.hearing import Hearing
from tamer.judge import ladder, rules
from tamer.record import messages
from tamer.record.account import Account
from tamer.record.reading import MISSING, is_valid, pack
from tamer.tell import console, journal
from tamer.tell.link import Link

_BATCH = 10  # Seconds in one record

_TOO_LOUD = (ladder.RED, ladder.VOICE)


class Unit:
    def __init__(self, board, settings):
        """`board`: the made hardware of a board file. `settings`: of this unit."""
        self._board = board
        self._settings = settings
        microphone = board.microphone
        equaliser = settings["equaliser"] or microphone.profile.equaliser
        kernel, self_test = kernels.best(microphone.rate // microphone.block, equaliser)
        self._hearing = Hearing(
            microphone,
            kernel,
            kernels.bank(settings["bands"], equaliser),
            microphone.profile.full_scale + settings["calibration"],
            self._own_voice,
        )
        self._rules = rules.from_settings(settings["rules"])
        self._state = ladder.START
        self._account = Account(
            self._rules.utc_offset, self._rules.night_from, self._rules.night_to
        )
        self._batch = []
        self._beat = False
        self._panel = Panel(board.matrix)
        self._spotlight = Spotlight(board.spotlight)
        self._voice = Voice(board.speaker, "/voices") if board.speaker else None
        boot = _count_boot(board.memory)
        self._journal = journal.Journal("/journal", settings["journal"], boot)
        self._link = None
        if settings["hub"]:
            self._link = Link(board.wlan, settings, self._journal, boot, self._hearing.examine)
        self._event(
            clock.now(),
            "boot",
            {
                "reset": board.reset,
                "firmware": VERSION,
                "kernel": kernel.name,
                "self_test": self_test,
                "panel": (board.matrix.width, board.matrix.height),
            },
        )

    async def run(self):
        """Measure, judge, act and tell, for ever."""
        self._hearing.examine()
        self._hearing.start()
        if self._link:
            asyncio.create_task(self._link.run())
        while True:
            self._take(await self._hearing.second())
            self._board.watchdog.feed()

    def _own_voice(self, since):
        return self._voice is not None and self._voice.marks(since)

    def _take(self, second):
        self._state, effects = ladder.step(self._state, second, self._rules)
        self._keep(second)
        for kind, fields in self._account.add(second):
            self._event(second.t, kind, fields)
        findings = self._hearing.findings()
        if findings is not None:
            codes = [code for code, _, _ in findings]
            self._event(second.t + 1, "doctor", {"findings": codes})
        self._show(second)
        for effect in effects:
            self._act(second.t + 1, effect)

    def _show(self, second):
        stage = self._state.stage
        known = is_valid(second) and second.LAeq != MISSING
        self._beat = not self._beat
        self._panel.show(_decibels(second.LAeq) if known else UNKNOWN, stage, self._beat)
        limit = rules.limit_at(self._rules, second.t)
        speaking = self._voice is not None and self._voice.speaking
        bands = self._hearing.bands
        if self._link and self._link.watched():
            live = messages.now(second, stage, limit, speaking, bands)
            self._link.now(messages.encode(live))
        if self._settings["console"]:
            console.second(second, stage, limit, speaking, bands)

    def _keep(self, second):
        if self._batch and second.t != self._batch[-1].t + 1:
            self._close_batch()
        self._batch.append(second)
        if len(self._batch) == _BATCH:
            self._close_batch()

    def _close_batch(self):
        """Put the batch on flash; the seconds in it are then safe from a power cut."""
        if not self._batch:
            return
        start = self._batch[0].t.to_bytes(4, "little")
        self._journal.append(journal.SECONDS, start + pack(self._batch))
        self._batch = []
        self._tell()

    def _act(self, t, effect):
        if isinstance(effect, ladder.Stage):
            before, after, limit, level = effect
            fields = {"from": before, "to": after, "limit": limit, "level": level}
            self._event(t, "stage", fields)
            self._sum_up(t, before in _TOO_LOUD, after in _TOO_LOUD)
        elif isinstance(effect, ladder.Spotlight):
            self._spotlight.set(effect.on)
            self._event(t, "spotlight", {"on": effect.on})
        elif self._voice and not self._voice.speaking:
            asyncio.create_task(self._speak(self._voice, effect.number))

    def _sum_up(self, t, was_too_loud, is_too_loud):
        if is_too_loud and not was_too_loud:
            self._account.open_incident(t)
        elif was_too_loud and not is_too_loud:
            fields = self._account.close_incident(t)
            if fields:
                self._event(t, "incident", fields)

    async def _speak(self, voice, number):
        message = self._settings["message"]
        fields = {"message": message, "number": number}
        self._event(clock.now(), "warning", fields)
        try:
            await voice.say(message)
        except (OSError, ValueError) as wrong:
            fields = dict(fields, failed=str(wrong))
        self._event(clock.now(), "spoken", fields)

    def _event(self, t, kind, fields):
        # What was heard before it goes first.
        self._close_batch()
        body = json.dumps({"t": t, "kind": kind, "fields": fields})
        self._journal.append(journal.EVENT, body.encode())
        if self._settings["console"]:
            console.event(t, kind, fields)
        self._tell()

    def _tell(self):
        if self._link:
            self._link.wake()


def _decibels(level):
    """As the panel has room for: four characters."""
    if level >= 1000:
        return "%d" % ((level + 5) // 10)
    return "%d.%d" % (level // 10, level % 10)


def _count_boot(memory):
    """Boots survive a wiped file system: they are counted in the chip's own memory."""
    try:
        boot = memory.get_i32("boot") + 1
    except OSError:
        boot = 1
    memory.set_i32("boot", boot)
    memory.commit()
    return boot


def run(board, settings):
    """The last call of main.py."""
    asyncio.run(Unit(board, settings).run())
