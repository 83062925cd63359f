"""From no coupling to 50 dB above the limit, in any echo: the box never answers itself, hears
soon that it is quiet, and is not deaf to a square that stays loud."""

from itertools import product

import pytest
from coupled_square import LIMIT, CoupledSquare

from tamer.judge.ladder import GREEN, Stage

# How far the own voice is above the limit at the own microphone, dB; the echo, s.
GRID: list[tuple[float, float]] = list(product((0, 10, 20, 30, 40, 50), (0.2, 0.6, 1.5, 3.0)))
LOUD, QUIET = LIMIT + 5, LIMIT - 15
WARM_UP = 60

# What is left of the own voice in a valid second raises it by less, dB. Where the mean of a
# block stands for its Fast maximum, the square's own ups and downs differ by more.
RAISED, FAST_RAISED = 0.5, 1.5


def obeys_the_second_warning(square: CoupledSquare) -> float:
    """Loud after a quiet minute; it falls silent in the moment in which the second ends."""
    obeyed = len(square.spoken) > 1 and len(square.heard) >= int(square.spoken[1][1])
    return QUIET if obeyed or len(square.heard) < WARM_UP else LOUD


@pytest.fixture(scope="module")
def obedient() -> dict[tuple[float, float], CoupledSquare]:
    squares = {
        (above, echo): CoupledSquare(above, echo, obeys_the_second_warning) for above, echo in GRID
    }
    for square in squares.values():
        square.lives(WARM_UP + 60)
    return squares


@pytest.mark.parametrize("cell", GRID)
def test_it_never_answers_itself(obedient, cell):
    """Two messages, as many as the square needs, and none in the half minute after them."""
    assert len(obedient[cell].said()) == 2


@pytest.mark.parametrize("cell", GRID)
def test_quiet_is_heard_within_3_s_of_listening(obedient, cell):
    square = obedient[cell]
    released = next(
        after
        for after, effect in square.decided
        if isinstance(effect, Stage) and effect.after == GREEN
    )
    silent = square.spoken[1][1]
    listened = [n for n in range(int(silent), released) if not square.is_own(n)]
    assert 0 < len(listened) <= 3
    assert {told.stage for told in square.heard[released:]} == {GREEN}


@pytest.mark.parametrize("cell", GRID)
def test_a_square_that_stays_loud_is_warned_again_after_3_s_of_listening(obedient, cell):
    square = obedient[cell]
    listened = [
        n for n in range(int(square.spoken[0][1]), square.said()[1]) if not square.is_own(n)
    ]
    assert len(listened) == 3


@pytest.mark.parametrize("cell", GRID)
def test_a_valid_second_is_the_squares(obedient, cell):
    square = obedient[cell]
    for number, told in enumerate(square.heard):
        if not square.is_own(number):
            assert told.second.LAeq / 10 <= told.LAeq + RAISED
            assert told.second.LAFmax / 10 <= told.LAFmax + FAST_RAISED


@pytest.mark.parametrize("cell", GRID)
def test_the_echo_is_marked_no_longer_than_it_can_be_heard(obedient, cell):
    """Until it has fallen below the square, and a second for each that it began or ended in."""
    above, reverberation = cell
    square = obedient[cell]
    for (_, silent), level in zip(square.spoken, (LOUD, QUIET), strict=True):
        falls = max(0, LIMIT + above + 10 - level) / 60 * reverberation
        marked = next(n for n in range(int(silent) + 1, len(square.heard)) if not square.is_own(n))
        assert marked - silent <= min(falls, 5) + 2


@pytest.mark.parametrize("cell", GRID)
def test_a_message_into_a_quiet_square_leads_to_nothing(cell):
    above, reverberation = cell
    square = CoupledSquare(above, reverberation, lambda _: QUIET)
    square.lives(5)
    square.says("warning_zh")
    square.lives(25)
    assert square.decided == []
    assert {told.stage for told in square.heard} == {GREEN}


def test_the_gap_between_messages_adapts_to_the_echo():
    """After the first message the echo ends with a second: no more than a block is wasted."""

    def marked_after(reverberation: float) -> list[float]:
        square = CoupledSquare(50, reverberation, lambda it: LOUD if it.heard[30:] else QUIET)
        square.lives(90)
        ends = [last for _, last in square.spoken[:-1]]
        return [
            next(n for n in range(int(end) + 1, 99) if not square.is_own(n)) - end for end in ends
        ]

    for reverberation, longest in ((0.2, 1.0), (0.6, 1.0), (1.5, 1.625), (3.0, 2.25)):
        _, *later = marked_after(reverberation)
        assert len(later) >= 2
        assert max(later) <= longest, reverberation
