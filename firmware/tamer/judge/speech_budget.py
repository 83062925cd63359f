"""The box's limits on itself: how much it speaks in an hour, and after what silence. Pure.

Time is counted in seconds seen, as everywhere on the ladder.
"""

from collections import namedtuple

# The hour is counted in pieces; a piece counts until all of it is an hour old, so the budget may
# be used up a little early, and is never exceeded.
_PIECE = 300
_PIECES = 3600 // _PIECE + 1

_LONG_AGO = -1000000

# booked: seconds of speech in each piece, newest first. piece: number of the newest.
# left: what the running message may still take, s; 0 while none runs.
# last: when the box last spoke, as heard.
Speech = namedtuple("Speech", ("booked", "piece", "left", "last"))

SILENT = Speech((0,) * _PIECES, 0, 0, _LONG_AGO)


def begun(speech, now, longest):
    """A message of at most `longest` s begins after the second `now`."""
    return Speech(speech.booked, speech.piece, longest, now)


def spoke(speech, now):
    """The second `now` may have had the box's voice in it."""
    booked = _until(speech, now // _PIECE)
    return Speech((booked[0] + 1,) + booked[1:], now // _PIECE, max(0, speech.left - 1), now)


def heard(speech, now):
    """The second `now` was valid: the message is over, unless it is just about to begin."""
    if now - speech.last <= 1:
        return speech
    return Speech(speech.booked, speech.piece, 0, speech.last)


def may(speech, now, limits):
    """Whether the policy's limits allow a message to begin after the second `now`."""
    if now - speech.last < limits.least_gap:
        return False
    return spent(speech, now) + limits.longest_message <= limits.longest_per_hour


def spent(speech, now):
    """How much the box has spoken in the last hour, s."""
    return sum(_until(speech, now // _PIECE))


def from_list(values):
    """The Speech that was made a list; ValueError if it is none of this ladder's."""
    booked, piece, left, last = values
    if len(booked) != _PIECES:
        raise ValueError("not the speech of this ladder")
    return Speech(tuple(booked), piece, left, last)


def _until(speech, piece):
    """The pieces of the hour that ends with `piece`."""
    passed = min(piece - speech.piece, _PIECES)
    return (0,) * passed + speech.booked[: _PIECES - passed]
