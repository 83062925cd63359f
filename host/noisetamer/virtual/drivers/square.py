"""The pipe to the square: the host's world hears and sees this box, and answers it.

A frame is one byte of kind, the box's time in microseconds and the length, then the body.
What needs no answer waits for the next question, so that a second costs few system calls.
"""

import struct

from micropython import const

_HEAD = "<BQI"
_HEAD_SIZE = struct.calcsize(_HEAD)

# What is told waits in here, for eight quiet seconds: each waking of the host costs. More goes
# straight through.
_ROOM = const(8192)

# Speech and a switched pin: people may react, and what the square told ahead holds no more.
_STIRRING = b"vo"

stirred = False

_requests = None
_answers = None
_waiting = bytearray(_ROOM)
_used = 0


def connect(requests, answers):
    """Use two open files: requests to the host, answers from it."""
    global _requests, _answers
    _requests, _answers = requests, answers


def tell(kind, now, body, before=b""):
    """Something the square can hear or see; `before`: at most a few bytes, ahead of the body."""
    global _used, stirred
    if kind in _STIRRING:
        stirred = True
    length = len(before) + len(body)
    if _used + _HEAD_SIZE + length > _ROOM:
        _flush()
    struct.pack_into(_HEAD, _waiting, _used, kind[0], now, length)
    begin = _used + _HEAD_SIZE
    if before:
        _waiting[begin : begin + len(before)] = before
        begin += len(before)
    if length > _ROOM - _HEAD_SIZE:
        _used = begin
        _flush()
        _all(_requests.write, body)
    else:
        _used = begin + len(body)
        _waiting[begin:_used] = body


def ask(kind, now, body, answer):
    """Fill the buffer `answer`; when the host has gone, so does the box."""
    tell(kind, now, body)
    _flush()
    more(answer)


def more(answer):
    """Fill a buffer with what the last answer goes on with."""
    _all(_answers.readinto, answer)


def _flush():
    global _used
    _all(_requests.write, memoryview(_waiting)[:_used])
    _used = 0


def _all(move, buffer):
    # A pipe may take or give less than it was asked to.
    view = memoryview(buffer)
    done = 0
    while done < len(view):
        n = move(view[done:])
        if not n:
            raise SystemExit
        done += n
