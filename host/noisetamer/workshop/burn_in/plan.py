"""The checks in their order, and which of them a run has yet to do."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import groupby

from noisetamer.workshop.burn_in.check import FAILED, Check
from noisetamer.workshop.burn_in.checks import audio, clock, lights, network, storage
from noisetamer.workshop.burn_in.context import Context
from noisetamer.workshop.port.errors import RaisedError

# What only one of several units on a bench may have at a time.
SILENCE, EYES = "silence", "eyes"


@dataclass(frozen=True)
class Trial:
    """names: of the checks it makes; needs: SILENCE, the technician's EYES, or nothing."""

    names: tuple[str, ...]
    run: Callable[[Context], list[Check]]
    needs: str = ""


# Between two rounds the unit begins afresh.
ROUNDS = (
    (
        Trial(("kernel", "block time"), audio.kernel),
        Trial(("microphone",), audio.microphone, SILENCE),
        Trial(("tone",), audio.tone, SILENCE),
        Trial(("LEDs red", "LEDs green", "LEDs blue"), lights.leds, EYES),
        Trial(("spotlight",), lights.spotlight, EYES),
        Trial(("flash",), storage.flash),
    ),
    (
        Trial(("Wi-Fi",), network.wifi),
        Trial(("hub",), network.hub),
        Trial(("samples",), network.samples),
        # Last of all: it must find the memory as small as it ever gets.
        Trial(("memory",), storage.memory),
    ),
)
# It takes the whole of the last round.
CLOCK = "clock"

NAMES = (*(name for trials in ROUNDS for trial in trials for name in trial.names), CLOCK)
NETWORK = ("Wi-Fi", "hub", "samples")
"""What depends on where the unit is, and on a hub that knows it."""


def run(
    context: Context, settled: Mapping[str, Check], now: Callable[[], float] = time.time
) -> Iterator[Check]:
    """Every check but the settled ones, each as it is done. now: this computer's time of day.

    An exception on the unit fails its check and no other; raises BoardError when the unit
    answers no more.
    """
    for trials in ROUNDS:
        left = [trial for trial in trials if not settled.keys() >= set(trial.names)]
        first = None
        timed = trials is ROUNDS[-1] and CLOCK not in settled
        if left or timed:
            context.unit.restart()
        if timed:
            first = clock.set_by_host(context, now)
        for needs, group in groupby(left, lambda trial: trial.needs):
            with (
                context.turns.turn(needs, context.begins, context.feed) if needs else nullcontext()
            ):
                for trial in group:
                    context.begins(trial.names[0])
                    yield from _tried(trial, context)
        if first is not None:
            context.begins(CLOCK)
            yield clock.drift(context, *first)


def _tried(trial: Trial, context: Context) -> list[Check]:
    try:
        return trial.run(context)
    except RaisedError as error:
        return [Check(name, FAILED, "", str(error)) for name in trial.names]
