"""The one place that wires a unit together: hear, judge, act, record, tell."""

import asyncio
import json

from tamer import VERSION, clock
from tamer.act.panel import UNKNOWN, Panel
from tamer.act.spotlight import Spotlight
from tamer.act.voice import Voice
from tamer.hear.bands import banks
from tamer.hear.hearing import Hearing, ear_of
from tamer.hear.kernel import kernels
from tamer.judge import calendar, ladder
from tamer.judging import Judging, rehearse
from tamer.recall import Recall
from tamer.record import messages
from tamer.record.reading import MISSING, is_valid, pack
from tamer.tell import console, journal
from tamer.tell.link import Link

_BATCH = 10  # Seconds in one record

_TEXT_EVERY = 120  # s between two passages of the panel's text


class Unit:
    def __init__(self, board, settings, policy, policy_fault, account):
        """`board`: the made hardware of a board file. `settings`: of this unit.

        `policy`: of the place. `policy_fault`: why it is not the one on the flash, or None.
        `account`: of hours and days.
        """
        self._board = board
        self._settings = settings
        microphone = board.microphone
        equaliser = settings["equaliser"] or microphone.profile.equaliser
        kernel, self_test = kernels.best(microphone.rate // microphone.block, equaliser)
        ear = ear_of(
            microphone,
            kernel,
            banks.bank(settings["bands"], equaliser),
            microphone.profile.full_scale + settings["calibration"],
            equaliser,
        )
        self._hearing = Hearing(ear, microphone.profile, self._own_voice, board.weather)
        self._voice = Voice(board.speaker, "/voices") if board.speaker else None
        policy, can_speak, unspoken = rehearse(self._voice, policy)
        self._policy_hash = policy.hash[:12]
        recall = Recall(board.retained, board.memory, self._policy_hash)
        self._judging = Judging(policy, recall, can_speak)
        self._resumed = False
        self._account = account
        self._night = _nightly_check(settings) if can_speak else None
        self._findings = ()
        self._batch = []
        self._beat = False
        self._text_in = _TEXT_EVERY
        self._panel = Panel(board.matrix, board.power)
        self._spotlight = Spotlight(board.spotlight, policy.spotlight.least_on)
        boot = _count_boot(board.memory)
        self._journal = journal.Journal("/journal", settings["journal"], boot)
        self._link = None
        if settings["hub"]:
            self._link = Link(board.wlan, settings, self._journal, boot, self._hearing.examine)
        started = {
            "reset": board.reset,
            "firmware": VERSION,
            "kernel": kernel.name,
            "self_test": self_test,
            "panel": (board.matrix.width, board.matrix.height),
        }
        if policy_fault:
            started["policy_fault"] = policy_fault
        if unspoken:
            started["unspoken"] = unspoken
        self._decide(clock.now(), "boot", started)

    async def run(self):
        """Measure, judge, act and tell, for ever."""
        self._hearing.examine()
        self._hearing.start()
        self._resume(clock.now())
        if self._link:
            asyncio.create_task(self._link.run())
        while True:
            self._take(await self._hearing.second())
            self._board.watchdog.feed()

    def _own_voice(self, since):
        return self._voice is not None and self._voice.marks(since)

    def _resume(self, now):
        """Go on with the incident that a restart has cut short, once the clock is right."""
        if not clock.known():
            return
        self._resumed = True
        away = self._judging.resume(now)
        state = self._judging.state
        if state.stage == ladder.GREEN:
            return
        self._decide(now, "resumed", {"stage": state.stage, "away": away})
        self._spotlight.set(state.lit)
        if state.stage in ladder.TOO_LOUD:
            self._account.open_incident(now)

    def _take(self, second):
        if not self._resumed:
            self._resume(second.t)
        effects = self._judging.step(second)
        self._keep(second)
        for kind, fields in self._account.add(second):
            self._event(second.t, kind, fields)
        findings = self._hearing.findings()
        if findings is not None:
            self._findings = [code for code, _, _ in findings]
            self._event(second.t + 1, "doctor", {"findings": self._findings})
        speaking = self._voice is not None and self._voice.speaking
        self._show(second, speaking)
        for effect in effects:
            self._act(second.t + 1, effect)
        switched = self._spotlight.second(self._judging.ruling.lamp, speaking)
        if switched is not None:
            self._event(second.t + 1, "spotlight", {"on": switched})
        if self._night:
            self._check(self._night, second, speaking)

    def _show(self, second, speaking):
        stage = self._judging.state.stage
        ruling = self._judging.ruling
        known = is_valid(second) and second.LAeq != MISSING
        self._beat = not self._beat
        number = _decibels(second.LAeq) if known else UNKNOWN
        self._panel.show(number, stage, self._beat, ruling.dim)
        self._show_text(stage)
        bands = self._hearing.bands
        if self._link and self._link.watched():
            live = messages.now(second, stage, ruling.limit, speaking, bands)
            self._link.now(messages.encode(live))
        if self._settings["console"]:
            console.second(second, stage, ruling.limit, speaking, bands)

    def _show_text(self, stage):
        self._text_in -= 1
        if self._text_in <= 0:
            self._text_in = _TEXT_EVERY
            text = self._judging.policy.panel.text
            if text and stage not in ladder.TOO_LOUD:
                self._panel.scroll(text)

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
            self._decide(t, "stage", fields)
            self._sum_up(t, before in ladder.TOO_LOUD, after in ladder.TOO_LOUD)
        elif isinstance(effect, ladder.Spotlight):
            self._spotlight.set(effect.on)
        elif isinstance(effect, ladder.Say):
            if self._voice:
                asyncio.create_task(self._speak(self._voice, effect))
        elif isinstance(effect, ladder.Outcome):
            message, stage, number, effective, after = effect
            fields = {"message": message, "stage": stage, "number": number}
            self._event(t, "outcome", dict(fields, effective=effective, after=after))
        elif isinstance(effect, ladder.HandOver):
            to, ineffective, limit, level = effect
            fields = {"to": to, "ineffective": ineffective, "limit": limit, "level": level}
            self._decide(t, "hand-over", fields)
        elif isinstance(effect, ladder.Relapse):
            self._event(t, "relapse", {"after": effect.after})
        else:
            self._decide(t, "sudden", {"LAFmax": effect.LAFmax, "limit": effect.limit})

    def _check(self, night, second, speaking):
        """Once a night the box listens to itself, when nobody else is to be heard."""
        offset, _, _ = calendar.stretch(self._judging.policy.clock, second.t)
        idle = self._judging.state.stage == ladder.GREEN and not speaking
        tone, fields = night.take(second, second.t + offset, idle, self._findings)
        if tone and self._voice:
            asyncio.create_task(self._sound(self._voice, *tone))
        if fields:
            self._event(second.t + 1, "self-check", fields)

    def _sum_up(self, t, was_too_loud, is_too_loud):
        if is_too_loud and not was_too_loud:
            self._account.open_incident(t)
        elif was_too_loud and not is_too_loud:
            fields = self._account.close_incident(t)
            if fields:
                self._event(t, "incident", fields)

    async def _speak(self, voice, said):
        stage, message, number, volume = said
        fields = {"message": message, "number": number}
        self._decide(clock.now(), "warning", dict(fields, volume=volume, stage=stage))
        try:
            await self._spotlight.settled()
            await voice.say(message, volume, self._hearing.echo_ms())
        except MemoryError:
            fields["failed"] = "no memory"
        except (OSError, ValueError) as wrong:
            fields["failed"] = str(wrong)
            self._judging.fall_silent()
        self._event(clock.now(), "spoken", fields)

    async def _sound(self, voice, tone, volume):
        try:
            await voice.say(tone, volume, self._hearing.echo_ms())
        except (OSError, ValueError):
            # A tone that is not heard tells as much as this would.
            pass

    def _decide(self, t, kind, fields):
        """An event that rests on the policy."""
        fields["policy"] = self._policy_hash
        self._event(t, kind, fields)

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
        return b"%d" % ((level + 5) // 10)
    return b"%d.%d" % (level // 10, level % 10)


def _nightly_check(settings):
    if settings["self_check"] is None:
        return None
    # Most boxes have none: only then does it take memory.
    from tamer.hear.self_check import nightly, self_check

    plan = self_check.plan_of(settings["self_check"], settings["unit"])
    return nightly.NightlyCheck(plan)


def _count_boot(memory):
    """Boots survive a wiped file system: they are counted in the chip's own memory."""
    try:
        boot = memory.get_i32("boot") + 1
    except OSError:
        boot = 1
    memory.set_i32("boot", boot)
    memory.commit()
    return boot


def run(board, settings, policy, policy_fault, account):
    """The last call of main.py."""
    asyncio.run(Unit(board, settings, policy, policy_fault, account).run())
