"""A bench that is not quiet: the background is named, and the loudspeaker is not blamed for it."""

import numpy as np
import pytest
from burn_in_bench import Bench, connected

from noisetamer.square.levels import RATE, REFERENCE_PA
from noisetamer.virtual.board.acoustics import tone
from noisetamer.virtual.board.sound import Sound
from noisetamer.workshop.burn_in import plan
from noisetamer.workshop.burn_in.check import NOT_APPLICABLE, NOT_CONFIRMED, PASSED, Check
from noisetamer.workshop.burn_in.context import MADE, Context
from noisetamer.workshop.burn_in.operator import Nobody

pytestmark = pytest.mark.tools

HEARD = ("microphone", "tone")
SETTLED = {name: Check(name, NOT_APPLICABLE, "", "") for name in plan.NAMES if name not in HEARD}


def hum(first: int, n: int):
    """150 Hz and its octave, 65 dB in all."""
    turn = 2 * np.pi * 150 / RATE * np.arange(first, first + n)
    wave = np.sin(turn) + 0.5 * np.sin(2 * turn)
    return (REFERENCE_PA * 10 ** (65 / 20) * wave).astype(np.float32)


def heard(bench: Bench, sound: Sound) -> dict[str, Check]:
    with bench.board() as board, connected(board) as connection:
        board.sound = sound
        session = connection.session()
        about = session.call(MADE, "about")
        context = Context(session, about, Nobody(), 0.1, 1, lambda name: None)
        return {check.name: check for check in plan.run(context, SETTLED)}


def test_a_calibrator_left_on_is_named_and_no_wire_is_blamed(bench: Bench):
    made = heard(bench, tone(1000, 94))
    assert {check.outcome for check in made.values()} == {NOT_CONFIRMED}
    assert "a tone of 1000 Hz sounds" in made["microphone"].verdict
    assert "take a calibrator off" in made["microphone"].verdict
    assert made["tone"].verdict.startswith("too loud a place: its 94 dB(A) hide the tone")
    assert "wires" not in made["tone"].verdict


def test_a_hum_is_named_and_the_loudspeaker_passes_beside_it(bench: Bench):
    made = heard(bench, hum)
    assert made["microphone"].outcome == NOT_CONFIRMED
    assert "it hums at 300 Hz, a multiple of the mains' 50 Hz" in made["microphone"].verdict
    assert made["tone"].outcome == PASSED
