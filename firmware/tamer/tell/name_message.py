"""What is asked of a name server, and what it answers: a host's IPv4 address. Pure.

RFC 1035, section 4. By hand, since MicroPython has only getaddrinfo, which holds the whole program
until lwIP gives up: 7 s a server.
"""

import struct

_HEAD = ">HHHHHH"
_HEAD_BYTES = 12
_A, _IN = 1, 1


def query(number, name):
    """Bytes that ask for the address of `name`; `number`: 0 to 65535, that the answer repeats.

    Raises ValueError for what can be no name.
    """
    labels = name.rstrip(".").split(".")
    message = struct.pack(_HEAD, number, 0x0100, 1, 0, 0, 0)
    for label in labels:
        label = label.encode()
        if not 0 < len(label) < 64:
            raise ValueError("no name")
        message += bytes((len(label),)) + label
    return message + struct.pack(">BHH", 0, _A, _IN)


def address(answer, asked):
    """(address, seconds for which it holds) from the answer to what was `asked`.

    None for the answer to another question. Raises ValueError where it says that there is no such
    name, or nothing that can be read.
    """
    if len(answer) < _HEAD_BYTES or answer[:2] != asked[:2] or not answer[2] & 0x80:
        return None
    _, flags, questions, answers, _, _ = struct.unpack_from(_HEAD, answer)
    at = _HEAD_BYTES
    if questions:
        at = len(asked)
        if answer[_HEAD_BYTES:at].lower() != asked[_HEAD_BYTES:].lower():
            return None
    if flags & 0x0F:
        raise ValueError("answer %d" % (flags & 0x0F))
    try:
        for _ in range(answers):
            at = _after_name(answer, at)
            if at + 10 > len(answer):
                break
            kind, group, holds, length = struct.unpack_from(">HHIH", answer, at)
            at += 10
            # Of multicast DNS (RFC 6762, 10.2) the highest bit says that no other host has it.
            if kind == _A and group & 0x7FFF == _IN and length == 4 and at + 4 <= len(answer):
                return "%d.%d.%d.%d" % tuple(answer[at : at + 4]), holds
            at += length
    except IndexError:
        # It is cut short.
        pass
    raise ValueError("no address in it")


def _after_name(message, at):
    """Where a name that begins at `at` ends; one that is cut short by a pointer, too."""
    while message[at]:
        if message[at] & 0xC0:
            return at + 2
        at += 1 + message[at]
    return at + 1
