"""The self-check of one box, night after night; its memory is on flash."""

import json

from tamer.hear.self_check import self_check, verdict
from tamer.hear.self_check.self_check import Postponed, Tone

_DAY = 86400


class NightlyCheck:
    """Takes every Second; returns which tone to play, and what to report."""

    def __init__(self, plan, path="/self_check.json"):
        """plan: of self_check.plan_of. path: of the memory; a calibration deletes it, so that
        the next night takes a new reference."""
        self._plan = plan
        self._path = path
        self._state = self_check.start()

    def take(self, second, local, idle, findings=()):
        """((message, volume) to play or None, fields of the event "self-check" or None).

        local: the second's local time, s since 1970. idle: the box neither warns nor speaks.
        findings: codes of the last diagnosis.
        """
        day, minute = local // _DAY, local % _DAY // 60
        self._state, effect = self_check.step(self._state, second, day, minute, idle, self._plan)
        if effect is None:
            return None, None
        if isinstance(effect, Tone):
            hertz = self._plan.tones[effect.number]
            return (self_check.name_of(hertz), self._plan.volume), None
        if isinstance(effect, Postponed):
            return None, verdict.postponed(effect.loudest)
        memory, fields = self._judged(effect, findings)
        try:
            with open(self._path, "w") as file:
                json.dump(verdict.to_list(memory), file)
        except OSError:
            # The flash takes nothing: the next night finds the memory of the last.
            pass
        return None, fields

    def _judged(self, heard, findings):
        try:
            return verdict.judged(self._memory(), heard, self._plan.tones, findings)
        except Exception:
            # Whatever is in a spoilt file: it begins anew.
            return verdict.judged(verdict.NEW, heard, self._plan.tones, findings)

    def _memory(self):
        try:
            with open(self._path) as file:
                return verdict.from_list(json.load(file))
        except (OSError, ValueError):
            return verdict.NEW
