"""What is asked of a time server, and what it answers. Pure.

SNTP, version 4: RFC 5905, sections 7.3 and 14. By hand, since MicroPython's ntptime blocks, looks
a name up, and takes whatever comes: an answer of zero, too, which it reads as the year 2036.
"""

import struct

BYTES = 48

_UNIX = 2208988800  # s from 1900 to 1970
_ERA = 1 << 32  # s: the first one ends on 2036-02-07

_MODE = 0x07
_CLIENT = 0x23  # version 4, mode 3
_SERVER = 4
_UNSYNCHRONISED = 0xC0
_STRATUM_MOST = 15


def query(stamp):
    """The question. `stamp`: 8 random bytes, which the answer repeats: so it is one to us."""
    return bytes((_CLIENT,)) + bytes(BYTES - 9) + stamp


def unix_ms(answer, stamp, round_trip_ms):
    """Unix time at the moment the answer came, ms; `round_trip_ms`: since it was asked.

    None for an answer to somebody else. Raises ValueError with the reason for one that tells no
    time: of a server that does not know it, or does not want to be asked (kiss-o'-death).
    """
    if len(answer) < BYTES or answer[0] & _MODE != _SERVER or answer[24:32] != stamp:
        return None
    stratum = answer[1]
    if stratum == 0:
        code = "".join([chr(byte) if 32 < byte < 127 else "?" for byte in answer[12:16]])
        raise ValueError("kiss of death %s" % code)
    if stratum > _STRATUM_MOST or answer[0] & _UNSYNCHRONISED == _UNSYNCHRONISED:
        raise ValueError("a server without the time")
    came, sent = _ms(answer, 32), _ms(answer, 40)
    if came is None or sent is None:
        raise ValueError("a stamp of zero")
    # The way there is taken for as long as the way back; a server that has dwelt longer on its
    # answer than we have waited has counted wrong.
    dwelt = min(max(0, sent - came), round_trip_ms)
    return sent + (round_trip_ms - dwelt) // 2


def _ms(answer, at):
    """A time stamp in Unix ms; None where it is zero."""
    seconds, fraction = struct.unpack_from(">II", answer, at)
    if not seconds and not fraction:
        return None
    if seconds < 0x80000000:
        seconds += _ERA
    return 1000 * (seconds - _UNIX) + (1000 * (fraction >> 8) >> 24)
