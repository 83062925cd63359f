"""The one place that wires a unit together: hear, judge, act, record, tell."""

import asyncio
import gc

from tamer import VERSION, unload
from tamer.act.panel import UNKNOWN, Panel
from tamer.act.spotlight import Spotlight
from tamer.clock import ChipClock, Clock
from tamer.hear.bands import banks
from tamer.hear.hearing import Hearing, ear_of
from tamer.hear.kernel import kernels
from tamer.judge import calendar, ladder
from tamer.ladder_runner import LadderRunner, rehearse
from tamer.record.reading import (
    GAP,
    MICROPHONE,
    MISSING,
    POWER,
    is_dated,
    is_judged,
    reason,
)
from tamer.restraint import Restraint
from tamer.saved_state import SavedState, count_boot
from tamer.tell.journal import Journal
from tamer.tell.reporter import Reporter

_TEXT_EVERY = 120  # s between two runs of the panel's text
_NO_TIME = "--:--"  # in its place, in every language

# The digits of the minute are to be seen twice in it, for so many s from this one on.
_DIGITS_AT, _DIGITS_FOR, _DIGITS_EVERY = 10, 4, 30

_TRIES, _AGAIN_MS = 3, 500  # of a message, for want of memory


class Unit:
    """One box: every Second that it hears is judged, acted upon, shown and reported."""

    def __init__(
        self,
        board,
        settings,
        policy,
        policy_fault,
        aggregates,
        files,
        pending=None,
        running=(None, None),
    ):
        """`board`: the made hardware of a board file. `settings`: of this unit.

        `policy`: of the place. `policy_fault`: why it is not the one on the flash, or None.
        `aggregates`: of hours and days. `files`: what is wrong with other files, by their names.
        `pending`: the order that the last start has left, as `pending_order` has it. `running`:
        number of its release and name of its board, where a tree says them.
        """
        self._board = board
        self._clock = Clock(ChipClock(board.rtc), board.memory)
        microphone = board.microphone
        equaliser = settings["equaliser"] or microphone.profile.equaliser
        calibration = settings["calibration"]
        kernel, self_test = kernels.best(microphone.rate // microphone.block, equaliser)
        bank, wrong, refusal = banks.bank(settings["bands"], equaliser, kernel.name)
        if wrong:
            self_test = wrong if self_test == "passed" else "%s; %s" % (self_test, wrong)
        if refusal:
            files.setdefault("settings.json", refusal)
        ear = ear_of(
            microphone,
            kernel,
            bank,
            microphone.profile.full_scale + (calibration or 0),
            equaliser,
        )
        self._hearing = Hearing(
            ear,
            microphone.profile,
            self._own_voice,
            self._clock,
            board.weather,
            calibration is not None,
        )
        self._voice = None
        if board.speaker:
            # A board without one has no code for it either.
            from tamer.act.voice import Voice

            self._voice = Voice(board.speaker, "/voices")
        self._policy = policy
        policy, can_speak, unspoken = rehearse(self._voice, policy)
        policy_hash = policy.hash[:12]
        saved = SavedState(board.retained, board.memory, policy_hash)
        self._restraint = Restraint(board.memory)
        self._runner = LadderRunner(policy, saved, can_speak, self._restraint)
        self._aggregates = aggregates
        self._self_check = settings["self_check"]
        self._policy_file = settings["policy"]
        self._night = _nightly_check(settings) if can_speak else None
        self._pending = pending
        # What a release on trial has to show: the kernel's self-test, seconds heard well.
        self._self_test = self_test
        self._heard = 0
        self._boot_at = None
        self._findings = ()
        self._failed = ()
        self._beat = False
        self._text_in = _TEXT_EVERY
        # Whose digits: without a key there are none.
        self._key = settings["hub"] and policy.panel.digits and settings["hub"].get("command")
        self._digits = None
        self._budget = _budget(policy.budget)
        with_digits, with_bar = bool(self._key), self._budget is not None
        self._panel = Panel(board.matrix, board.power, digits=with_digits, bar=with_bar)
        if self._panel.fault:
            files["fonts"] = self._panel.fault
        self._spotlight = Spotlight(board.spotlight, policy.spotlight.least_on)
        boot = count_boot(board.memory)
        journal = _journal(board, settings, boot, self._clock.now())
        self._report = Reporter(journal, policy_hash, settings["console"])
        self._time_servers = settings["ntp"]
        self._link = self._desk = None
        if settings["wifi"]:
            # A box without a network keeps its memory.
            from tamer.order_desk import OrderDesk
            from tamer.tell.link import Link
            from tamer.tell.servers import Servers

            self._servers = Servers(board.wlan, board.memory)
            self._desk = OrderDesk(
                settings, board.memory, self._clock, self._parts, self._tell_order
            )
            self._link = Link(
                board.wlan,
                self._servers,
                settings,
                journal,
                self._clock,
                boot,
                self._link_changed,
                self._desk.take,
            )
            self._desk.want = self._link.want
            self._report.use(self._link)
        self._report.event(
            self._clock.now(),
            "boot",
            board.reset,
            VERSION,
            kernel.name,
            self_test,
            (board.matrix.width, board.matrix.height),
            policy_fault,
            unspoken or None,
            files or None,
            *running,
        )

    async def run(self):
        """Measure, judge, act and tell, for ever."""
        self._resume(self._clock.now())
        self._hearing.examine()
        self._hearing.start()
        if self._link:
            asyncio.create_task(self._link.run())
            asyncio.create_task(self._keep_time())
        if self._pending:
            from tamer import pending_order

            of, memory = self._policy_file, self._board.memory
            how = self._tell_order, self._health, self._report.flush
            asyncio.create_task(pending_order.settle(self._pending, of, memory, *how))
            self._pending = None
        while True:
            self._take(await self._hearing.second())
            self._board.watchdog.feed()

    def _health(self):
        """As `tamer.trial` asks for it."""
        return self._self_test, self._heard, bool(self._link and self._link.is_reached)

    async def _keep_time(self):
        from tamer.tell import timekeeping

        ask = self._servers.time
        await timekeeping.keep(self._clock, self._board.wlan, self._time_servers, ask)

    def _link_changed(self, up, reason, detail):
        self._report.event(self._clock.now(), "link", up, reason, detail)

    def _parts(self):
        """What orders act upon."""
        from tamer.obey import Box

        return Box(
            self._voice,
            self._spotlight,
            self._board.spotlight is not None,
            self._hearing,
            self._runner,
            self._restraint,
            self._clock,
            self._tell_order,
            self._rehearsed,
            self._put_check,
            self._self_check,
            self._report.flush,
            self._board.memory,
        )

    def _tell_order(self, *values):
        self._report.event(self._clock.now(), "order", *values)

    def _put_check(self, check):
        """In place of the nightly self-check; returns that."""
        before, self._night = self._night, check
        return before

    def _rehearsed(self, message):
        """A message has come anew."""
        self._failed = tuple([failed for failed in self._failed if failed != message])
        self._use_what_can_be_said()

    def _use_what_can_be_said(self):
        """The message that stands in for one that has failed; None: from now on it is light."""
        policy, can_speak, _ = rehearse(self._voice, self._policy, self._failed)
        self._runner.use(policy, can_speak)
        return policy.firm.message if can_speak else None

    def _own_voice(self, since):
        return self._voice is not None and self._voice.marks(since)

    def _resume(self, now):
        """Go on with the incident that a restart has cut short."""
        away = self._runner.resume(now)
        state = self._runner.state
        if state.stage == ladder.GREEN:
            return
        self._report.event(now, "resumed", state.stage, away)
        self._spotlight.set(state.lit)
        self._aggregates.turn(now, state.stage in ladder.TOO_LOUD)

    def _take(self, second):
        if reason(second) not in (POWER, GAP, MICROPHONE):
            self._heard += 1
        if self._desk:
            self._desk.second()
        self._tell_clock(second)
        effects = self._runner.step(second, self._hearing.unix(second.t))
        self._report.keep(second)
        for kind, values in self._aggregates.add(second):
            self._report.event(second.t, kind, *values)
        findings = self._hearing.findings()
        if findings is not None:
            self._findings = [code for code, _, _ in findings]
            self._report.event(second.t + 1, "doctor", self._findings)
        speaking = self._voice is not None and self._voice.speaking
        self._show(second, speaking)
        for effect in effects:
            self._act(second.t + 1, effect)
        switched = self._spotlight.second(self._runner.ruling.lamp, speaking)
        if switched is not None:
            self._report.event(second.t + 1, "spotlight", switched)
        if self._night and is_dated(second.t):
            self._check(self._night, second, speaking)

    def _tell_clock(self, second):
        """The time has come to be known, or was corrected."""
        boot_at = self._hearing.unix(0)
        if boot_at != self._boot_at:
            if self._boot_at is not None:
                self._aggregates.move(boot_at - self._boot_at)
            self._boot_at = boot_at
        news = self._hearing.clock_news()
        if news:
            self._report.event(second.t, "clock", *news)

    def _show(self, second, speaking):
        stage, ruling = self._runner.state.stage, self._runner.ruling
        known = is_judged(second) and second.LAeq != MISSING
        self._beat = not self._beat
        number = _decibels(second.LAeq) if known else UNKNOWN
        told, bar = None, 0.0
        if self._budget:
            self._budget.add(second)
            told = self._budget.told()
            if stage not in ladder.TOO_LOUD and len(told) > 3:
                bar = self._budget.used
        # A new stage is to be seen first.
        lasts = self._runner.state.seen - self._runner.state.since
        calm = stage not in ladder.TOO_LOUD and not speaking and lasts > _DIGITS_FOR
        if self._key and calm:
            self._find_digits(self._hearing.unix(second.t))
        else:
            self._digits = None
        digits = self._digits
        if not (digits and self._panel.show_digits(digits, self._beat, ruling.dim)):
            self._panel.show(number, stage, self._beat, ruling.dim, bar)
        self._show_text(stage)
        self._report.show(second, stage, ruling.limit, speaking, self._hearing.bands, told)

    def _find_digits(self, t):
        """Those that are to be seen in the second at Unix time t; None for most, and undated."""
        into = t % _DIGITS_EVERY - _DIGITS_AT
        if not is_dated(t) or not 0 <= into < _DIGITS_FOR:
            self._digits = None
        elif self._digits is None:
            from tamer.record.seal import digits_of

            digits = digits_of(self._key, t // 60)
            self._digits = ("%s %s" % (digits[:2], digits[2:])).encode()

    def _show_text(self, stage):
        self._text_in -= 1
        if self._text_in <= 0 and not self._digits:
            self._text_in = _TEXT_EVERY
            text = self._runner.policy.panel.text if self._clock.known() else _NO_TIME
            if text and stage not in ladder.TOO_LOUD:
                self._panel.scroll(text)

    def _act(self, t, effect):
        self._report.effect(t, effect)
        if isinstance(effect, ladder.Stage):
            values = self._aggregates.turn(t, effect.after in ladder.TOO_LOUD)
            if values:
                self._report.event(t, "incident", *values)
        elif isinstance(effect, ladder.SetSpotlight):
            self._spotlight.set(effect.on)
        elif isinstance(effect, ladder.Say) and self._voice:
            asyncio.create_task(self._speak(self._voice, effect))

    def _check(self, night, second, speaking):
        """Once a night the box listens to itself, when nobody else is to be heard."""
        offset, _, _ = calendar.stretch(self._runner.policy.clock, second.t)
        idle = self._runner.state.stage == ladder.GREEN and not speaking
        tone, fields = night.take(second, second.t + offset, idle, self._findings)
        if tone and self._voice:
            asyncio.create_task(self._sound(self._voice, *tone))
        if fields:
            self._report.fields(second.t + 1, "self-check", fields)

    async def _speak(self, voice, said):
        """One warning; where its message fails, the nearest that does not."""
        stage, message, number, volume = said
        async with voice.turn:
            while message:
                message = await self._speak_one(voice, stage, message, number, volume)

    async def _speak_one(self, voice, stage, message, number, volume):
        """The message that is to be said instead, or None."""
        self._report.event(self._clock.now(), "warning", stage, message, number, volume)
        failed = instead = None
        try:
            await self._spotlight.settled()
            await self._say(voice, message, volume)
        except MemoryError:
            failed = "no memory"
        except (OSError, ValueError) as wrong:
            failed = str(wrong)
            self._failed += (message,)
            instead = self._use_what_can_be_said()
            if instead:
                failed += "; %s is said instead" % instead
        self._report.event(self._clock.now(), "spoken", message, number, failed)
        return instead

    async def _say(self, voice, message, volume):
        """The heap may be in pieces: a moment later they are others."""
        for left in range(_TRIES - 1, -1, -1):
            try:
                await voice.say(message, volume, self._hearing.echo_ms())
                return
            except MemoryError:
                if not left:
                    raise
                await asyncio.sleep_ms(_AGAIN_MS)
                gc.collect()

    async def _sound(self, voice, tone, volume):
        try:
            async with voice.turn:
                await voice.say(tone, volume, self._hearing.echo_ms())
        except (OSError, ValueError):
            # A tone that is not heard tells as much as this would.
            pass


def _budget(asked):
    """The SoundBudget of a policy; None where it has none, as most have."""
    if asked is None:
        return None
    from tamer.judge.sound_budget import SoundBudget

    return SoundBudget(*asked)


def _decibels(level):
    """As the panel has room for: four characters."""
    if level >= 1000:
        return b"%d" % ((level + 5) // 10)
    return b"%d.%d" % (level // 10, level % 10)


def _journal(board, settings, boot, now):
    gc.collect()
    from tamer import chain_keys

    chain = chain_keys.chain(settings, board.memory)
    journal = Journal(board.journal or _sector_files(), boot, *chain)
    chain_keys.rekey(journal, settings, board.memory, now)
    unload("tamer", "chain_keys")
    # What comes now and stays has its place there, not behind it.
    del chain_keys
    gc.collect()
    return journal


def _sector_files():
    from tamer.tell.sector_files import SectorFiles

    return SectorFiles("/journal")


def _nightly_check(settings):
    if settings["self_check"] is None:
        return None
    # Most boxes have none: only then does it take memory.
    from tamer.hear.self_check import nightly, self_check

    plan = self_check.plan_of(settings["self_check"], settings["unit"])
    return nightly.NightlyCheck(plan)


def run(board, settings, *rest):
    """The last call of main.py; `rest`: as of Unit."""
    box = Unit(board, settings, *rest)
    asyncio.run(box.run())
