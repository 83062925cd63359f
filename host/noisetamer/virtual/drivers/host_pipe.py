"""The box's end of the pipe to its host: the host's world hears and sees this box, and answers.

pipe.py, one folder up, has every message; power_on.py has loaded it from there.
What needs no answer waits for the next question, so that a second costs few system calls.
"""

import struct

import pipe
from micropython import const

_HEAD = pipe.HEAD
_HEAD_SIZE = struct.calcsize(_HEAD)

# Notices wait in here, for eight quiet seconds: each waking of the host costs. More goes
# straight through.
_ROOM = const(8192)

# The box has spoken or switched a pin: people may react, and what was answered ahead no longer
# holds. Cleared when it is asked for anew.
answers_stale = False

# Bytes of the last answer that its reader has left for later.
ahead = 0

_requests = None
_answers = None
_waiting = bytearray(_ROOM)
_used = 0
_peers = bytearray(struct.calcsize(pipe.PEERS_ANSWER))


def connect(requests, answers):
    """Use two open files: requests to the host, answers from it."""
    global _requests, _answers
    _requests, _answers = requests, answers


def send(kind, now, body, before=b""):
    """A notice, later; `now` in us since power-on, `before`: a few bytes ahead of the body."""
    global _used, answers_stale
    if kind == pipe.SPEECH or kind == pipe.PIN:
        answers_stale = True
    length = len(before) + len(body)
    if _used + _HEAD_SIZE + length > _ROOM:
        flush()
    struct.pack_into(_HEAD, _waiting, _used, kind, now, length)
    begin = _used + _HEAD_SIZE
    if before:
        _waiting[begin : begin + len(before)] = before
        begin += len(before)
    if length > _ROOM - _HEAD_SIZE:
        _used = begin
        flush()
        _requests.write(body)
    else:
        _used = begin + len(body)
        _waiting[begin:_used] = body


def ask(kind, now, body, answer):
    """A question, at once; fills the buffer `answer`. When the host has gone, so does the box.

    What is `ahead` is thrown away."""
    global ahead
    send(kind, now, body)
    flush()
    while ahead:
        some = min(ahead, _ROOM)
        read_on(memoryview(_waiting)[:some])
        ahead -= some
    read_on(answer)


def read_on(answer):
    """Fill a buffer with what the last answer goes on with."""
    # A file of this port reads, and writes, until it is done.
    if not _answers.readinto(answer):
        raise SystemExit


def peers(now):
    """Wait until the box's peers have done all they will at this time; when, in us, one of them
    does something by itself."""
    ask(pipe.PEERS, now, b"", _peers)
    return struct.unpack(pipe.PEERS_ANSWER, _peers)[0]


def flush():
    """Send the notices that wait."""
    global _used
    _requests.write(_waiting, _used)
    _used = 0
