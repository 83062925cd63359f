"""One policy, one state, and what of it must outlast a restart."""

from tamer import unload
from tamer.judge import ladder, rules, speech_budget
from tamer.judge.rules import Ruling
from tamer.record.reading import is_dated

# Holds at no time.
_NONE_YET = Ruling(0, None, False, False, 0, False, 0, False, "", 0, 0)


class LadderRunner:
    """The ladder at work: it has the `policy`, the `ruling` that holds and the `state`."""

    def __init__(self, policy, saved, can_speak, restraint=None):
        """`saved`: a SavedState. `can_speak`: whether there is a voice that can say the words.

        `restraint`: what was ordered, a Restraint.
        """
        self.policy = policy
        self.state = ladder.START
        self.ruling = _NONE_YET
        self._saved = saved
        self._can_speak = can_speak
        self._restraint = restraint

    def resume(self, now):
        """Go on where the last start was cut short: seconds away, None if there is nothing.

        To be called before the first second: the first ruling may take a while.
        """
        self.ruling = self._ruling(now)
        saved = self._saved.load(now)
        if not saved:
            return None
        self.state, away = saved
        return away

    def step(self, second, t):
        """The effects of one Second, in the order they are to be done.

        t: its Unix time; undated while nobody knows that.
        """
        ruling = self.ruling
        if not ruling.since <= t < ruling.until:
            ruling = self.ruling = self._ruling(t)
        self.state, effects = ladder.step(self.state, second, ruling, self.policy)
        # Before they are done: a reset in between must not repeat them.
        self._saved.save(t, self.state, bool(effects))
        return effects

    def use(self, policy, can_speak):
        """What `rehearse` leaves of it, now that a message has failed."""
        self.policy, self._can_speak = policy, can_speak
        self.judge_anew()

    def judge_anew(self):
        """With the next second: what holds has changed."""
        self.ruling = _NONE_YET

    def speaks(self, seconds):
        """A message that the ladder knows nothing of begins, of so many seconds."""
        speech = speech_budget.begun(self.state.speech, self.state.seen, seconds)
        self.state = ladder.altered(self.state, speech=speech)

    def _ruling(self, t):
        if is_dated(t):
            ruling = rules.ruling(self.policy, t)
            if self._restraint:
                ruling = self._restraint.applied(ruling, t)
        else:
            ruling = _strictest(self.policy)
        if self._can_speak or not ruling.speak:
            return ruling
        limit, sudden, night, _, *rest = ruling
        return Ruling(limit, sudden, night, False, *rest)


def _strictest(policy):
    """Wanted once in a boot, if at all: after that its memory serves others."""
    from tamer.judge import strictest

    found = strictest.strictest(policy)
    unload("tamer.judge", "strictest")
    return found


# What a box may say that has neither of its policy's messages, best first.
_SHIPPED = ("warning_zh", "polite_zh", "warning_en", "polite_en")

_NO_SUCH_FILE = 2  # errno


def rehearse(voice, policy, failed=()):
    """(policy, can_speak, faults): what is left of a policy by the messages that can be said.

    voice: Voice or None. failed: messages that could not be spoken although they are there.
    faults: {message: what is wrong}. Without the polite message the firm one comes first; without
    that one the polite one is said in its place, or any shipped one. Without one of its arms'
    messages nothing is dealt.
    """
    faults = {}
    if voice is None:
        return policy, False, faults
    if policy.trial:
        for each in _of_arms(policy.trial):
            wrong = _wrong(voice, policy, each, failed)
            if wrong:
                faults[each] = wrong
        if faults:
            policy = _with(policy, policy.trial, None)
    polite, firm = policy.polite, policy.firm
    if polite.times:
        wrong = _wrong(voice, policy, polite.message, failed)
        if wrong:
            faults[polite.message] = wrong
            policy = _with(policy, polite, type(polite)(polite.message, polite.after, 0))
    wrong = _wrong(voice, policy, firm.message, failed)
    if not wrong:
        return policy, True, faults
    for instead in (polite.message,) + _SHIPPED:
        if not _wrong(voice, policy, instead, failed):
            faults[firm.message] = "%s; %s is said instead" % (wrong, instead)
            return _with(policy, firm, type(firm)(instead, firm.gap)), True, faults
    faults[firm.message] = wrong
    return policy, False, faults


def _of_arms(trial):
    """The messages of all arms."""
    said = [arm.polite.message for arm in trial.arms if arm.polite.times]
    return set(said + [arm.firm.message for arm in trial.arms])


def _wrong(voice, policy, message, failed):
    """Why a message cannot be said; None if it can."""
    if message in failed:
        return "it could not be played"
    try:
        if voice.length(message) > policy.speaking.longest_message:
            return "longer than the policy allows"
    except OSError as wrong:
        return "missing" if wrong.errno == _NO_SUCH_FILE else str(wrong)
    except ValueError as wrong:
        return str(wrong)
    return None


def _with(policy, part, other):
    return type(policy)(*[other if each is part else each for each in policy])
