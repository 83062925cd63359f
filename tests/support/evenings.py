"""Arbitrary evenings: what a square may sound like, what goes wrong, and by which policy."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tamer.judge import ladder, policy, rules
from tamer.judge.ladder import Say
from tamer.judge.policy import Policy
from tamer.record.reading import GAP, OVERLOAD, OWN_VOICE, POWER, VALID, WIND, Second, missing

EVENING = 1795521600  # 2026-11-24 20:00 in China
LIMIT = 650


class Stretch(NamedTuple):
    """Some seconds of one kind. level: LAeq in 0.1 dB; every `spoilt`-th has another reason."""

    level: int
    seconds: int
    spoilt: int
    why: int


class Heard(NamedTuple):
    """What one step of the ladder was."""

    before: Any
    second: Second
    after: Any
    effects: tuple[Any, ...]
    by: Policy

    def of_kind(self, kind: type) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]


stretches = st.lists(
    st.builds(
        Stretch,
        st.integers(LIMIT - 60, LIMIT + 60),
        st.integers(1, 90),
        st.sampled_from((0, 0, 0, 2, 3, 5)),
        st.sampled_from((GAP, WIND, OVERLOAD, POWER)),
    ),
    min_size=1,
    max_size=25,
)

# Small numbers, so that limits are met; times of day that fall into the evening.
tables = st.fixed_dictionaries(
    {
        "near": st.integers(0, 6),
        "hysteresis": st.integers(0, 6),
        "guard_band": st.integers(0, 3),
        "trigger": st.sampled_from(({}, {"over": 3, "of": 3}, {"over": 20, "of": 30})),
        "release": st.fixed_dictionaries({"obeyed": st.integers(1, 4), "calm": st.integers(1, 8)}),
        "polite": st.fixed_dictionaries({"after": st.integers(0, 4), "times": st.integers(0, 3)}),
        "firm": st.fixed_dictionaries({"gap": st.integers(1, 15)}),
        "speaking": st.fixed_dictionaries(
            {
                "longest_per_hour": st.integers(0, 120),
                "longest_message": st.integers(5, 15),
                "least_gap": st.integers(0, 20),
                "pause": st.sampled_from(([], [["20:02", "20:04"]], [["19:00", "20:01"]])),
            }
        ),
        "spotlight": st.sampled_from(({}, {"off": [["20:01", "20:03"]]})),
    }
)


def seconds(heard: Sequence[Stretch]) -> Iterator[tuple[int, int]]:
    """(level, reason) of each second."""
    for stretch in heard:
        for i in range(stretch.seconds):
            spoilt = stretch.spoilt and i % stretch.spoilt == 0
            yield stretch.level, stretch.why if spoilt else VALID


def played(
    heard: Sequence[Stretch],
    table: dict[str, Any],
    message: int = 5,
    clock: Sequence[int] = (),
    restarts: Sequence[int] = (),
) -> Iterator[Heard]:
    """Every step. The box speaks `message` s each time it has decided to.

    clock: by how much it jumps, every 40 s. restarts: seconds of the evening after which the
    state comes back from what was kept of it.
    """
    by = policy.read(table)
    state, t, left = ladder.START, EVENING, 0
    for i, (level, why) in enumerate(seconds(heard)):
        if clock and i % 40 == 39:
            t += clock[i // 40 % len(clock)]
        if left:
            left -= 1
            level, why = 950, OWN_VOICE
        second = missing(t, why)
        if why not in (GAP, POWER):
            second = Second(t, level, level, level, level, why)
        after, effects = ladder.step(state, second, rules.ruling(by, t), by)
        yield Heard(state, second, after, effects, by)
        if any(isinstance(effect, Say) for effect in effects):
            left = message
        state = ladder.restored(ladder.to_list(after), 0) if i in restarts else after
        t += 1
