"""socket, as the ESP32 has it: TCP to peers in this computer, servers of names and time.

Addresses are tuples, and a connection holds 5744 bytes that the other end has not taken (lwIP's
TCP_SND_BUF); a name that is looked up by getaddrinfo holds the whole program until it is answered.
The servers live in virtual time. What the network does wrong stands in `faults`.
"""

import io
import struct

import faults
import select
import time
import usocket
import virtual_clock as clock

AF_INET = usocket.AF_INET
SOCK_STREAM = usocket.SOCK_STREAM
SOCK_DGRAM = usocket.SOCK_DGRAM
SOL_SOCKET = usocket.SOL_SOCKET
SO_REUSEADDR = usocket.SO_REUSEADDR

_SEND_BUFFER = 5744
_SO_SNDBUF = 7
_LOOK_UP_US = 7000000  # of a server that does not answer (lwIP's dns.c: tries at 0, 1, 2 and 4 s)
_ROUND_TRIP_US = 30000
_EAGAIN, _ECONNRESET, _ECONNREFUSED, _EINPROGRESS = 11, 104, 111, 115

# So long after it has connected the other end's namesake throws it out.
_TAKEN_OVER_US = 2000000

_DNS, _NTP = (53, 5353), 123
_HERE = b"\x7f\0\0\1"  # where every name is found
_NTP_EPOCH = 3155673600  # 2000, in seconds since 1900

_CUT_OFF = faults.CUT_OFF


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    """As lwIP's: blocks while a name is looked up. Raises OSError for one that is not found."""
    if not _is_address(host):
        if faults.on("dns-silent", *_CUT_OFF):
            clock.sleep(_LOOK_UP_US)
            raise OSError(-202)
        clock.sleep(_ROUND_TRIP_US)
        if host.endswith(".invalid"):
            raise OSError(-202)
        host = "127.0.0.1"
    return [(AF_INET, type or SOCK_STREAM, 0, "", (host, port))]


def socket(family=AF_INET, type=SOCK_STREAM, proto=0):
    """A stream to a peer in this computer, or datagrams to a server that is simulated."""
    return _Datagrams() if type == SOCK_DGRAM else _Stream()


def _is_address(host):
    parts = host.split(".")
    return len(parts) == 4 and all([part.isdigit() for part in parts])


class _Stream(io.IOBase):
    """TCP, of whose bytes the box sees as many as the network lets through."""

    def __init__(self):
        self._socket = usocket.socket()
        # Nagle's wait for the other end would be long in virtual time.
        self._socket.setsockopt(6, 1, struct.pack("i", 1))
        # Linux counts its own overhead too: this takes some 5 kB of what a peer does not read.
        self._socket.setsockopt(SOL_SOCKET, _SO_SNDBUF, struct.pack("i", _SEND_BUFFER // 2))
        self._poll = select.poll()
        self._held = b""  # what has not gone through yet
        self._since = 0
        self._peer = None

    def setblocking(self, on):
        """It never blocks."""

    def setsockopt(self, level, option, value):
        """Nothing that shows here."""

    def connect(self, address):
        """Raises OSError, EINPROGRESS mostly: as the ESP32's does."""
        self._peer = usocket.getaddrinfo(*address)[0][-1]
        self._since = clock.now
        if faults.on("hub-refused"):
            raise OSError(_ECONNREFUSED)
        if not faults.on("hub-silent", *_CUT_OFF):
            self._begin()
        raise OSError(_EINPROGRESS)

    def _begin(self):
        peer, self._peer = self._peer, None
        self._socket.setblocking(False)
        clock.sent()
        try:
            self._socket.connect(peer)
        except OSError as error:
            if error.errno != _EINPROGRESS:
                raise
        self._poll.register(self._socket)

    def _through(self):
        """Whether bytes come and go now; what was held goes on its way. Raises OSError."""
        stands = faults.streams_stand()
        if not stands and faults.on("hub-silent", *_CUT_OFF):
            return False
        if self._peer is not None:
            self._begin()
        if not stands and faults.on("take-over") and clock.now - self._since > _TAKEN_OVER_US:
            raise OSError(_ECONNRESET)
        if self._held:
            self._held = self._held[self._send(self._held) or 0 :]
        return True

    def _send(self, data):
        taken = self._socket.write(data)
        if taken:
            clock.sent()
        return taken

    def write(self, data):
        """Returns how many bytes were taken, None while there is room for none, or -errno."""
        try:
            if self._through():
                # What was held goes first.
                return None if self._held else self._send(data)
        except OSError as error:
            return -error.errno
        taken = min(_SEND_BUFFER - len(self._held), len(data))
        if taken <= 0:
            return None
        self._held += bytes(data[:taken])
        return taken

    def readinto(self, buffer):
        """Returns how many bytes have come, 0 at the end, None while there are none, or -errno."""
        try:
            if not self._through():
                return None
            came = self._socket.readinto(buffer)
        except OSError as error:
            return -error.errno
        if came:
            clock.received()
        return came

    def read(self, n):
        """As a socket's: at most n bytes, None while there are none. Raises OSError."""
        buffer = bytearray(n)
        came = self.readinto(buffer)
        if came is None:
            return None
        if came < 0:
            raise OSError(-came)
        return bytes(buffer[:came])

    def ioctl(self, request, argument):
        """select.poll's question (3), close (4)."""
        if request == 4:
            self._socket.close()
        if request != 3:
            return 0
        room = argument & select.POLLOUT if len(self._held) < _SEND_BUFFER else 0
        try:
            if not self._through():
                # A connection that is not there yet takes nothing.
                return 0 if self._peer is not None else room
        except OSError:
            return argument | select.POLLERR
        found = self._poll.poll(0)
        flags = found[0][1] if found else 0
        if self._held:
            flags &= ~select.POLLOUT
        return flags & (argument | select.POLLERR | select.POLLHUP)

    def close(self):
        """At once."""
        self._socket.close()


class _Datagrams:
    """UDP to one server at a time; answers come in virtual time.

    asyncio waits for it as for a ThreadSafeFlag: by `state`.
    """

    def __init__(self):
        self._answers = []
        self._port = None
        self.state = 0

    def setblocking(self, on):
        """It never blocks."""

    def connect(self, address):
        """From here on it hears and asks this server."""
        self._port = address[1]

    def write(self, data):
        """One datagram; returns its length."""
        answer = None
        if faults.on(*_CUT_OFF):
            pass
        elif self._port in _DNS and not faults.on("dns-silent"):
            answer = _named(data)
        elif self._port == _NTP and not faults.on("ntp-lost"):
            answer = _timed(data)
        if answer:
            clock.at(clock.now + _ROUND_TRIP_US, lambda: self._came(answer))
        return len(data)

    def sendto(self, data, address):
        """One datagram to a server; returns its length."""
        self._port = address[1]
        return self.write(data)

    def read(self, n=-1):
        """As a stream's: all that has come joined into one, the rest lost; None before."""
        if not self._answers:
            return None
        if n == 0:
            return b""
        came = b"".join(self._answers)
        self._answers, self.state = [], 0
        return came if n < 0 else came[:n]

    def recv(self, n):
        """One datagram. Raises OSError (EAGAIN) where there is none."""
        if not self._answers:
            raise OSError(_EAGAIN)
        answer = self._answers.pop(0)
        self.state = len(self._answers)
        return answer[:n]

    def close(self):
        """What still comes is lost."""
        self._port = None

    def _came(self, answer):
        if self._port is not None:
            self._answers.append(answer)
            self.state = len(self._answers)


def _named(query):
    """A name server's answer (RFC 1035): every name is in this computer, but those of .invalid."""
    number, _, questions = struct.unpack_from(">HHH", query)
    end = query.find(b"\0", 12) + 5
    if query[12:end].find(b"\x07invalid\0") >= 0:
        return struct.pack(">HHHHHH", number, 0x8183, questions, 0, 0, 0) + query[12:end]
    head = struct.pack(">HHHHHH", number, 0x8180, questions, 1, 0, 0)
    return head + query[12:end] + struct.pack(">HHHIH", 0xC00C, 1, 1, 300, 4) + _HERE


def _timed(query):
    """A time server's answer (RFC 5905, mode 4)."""
    answer = bytearray(48)
    answer[0] = 0x24
    answer[24:32] = query[40:48]
    if faults.on("ntp-zero"):
        answer[0] = 0xE4
        answer[12:16] = b"RATE"
        return bytes(answer)
    answer[1:4] = b"\x02\x06\xec"
    us = time.true_us() + _ROUND_TRIP_US // 2
    if faults.on("ntp-wrong"):
        us += 631152000000000
    seconds = us // 1000000 + _NTP_EPOCH & 0xFFFFFFFF
    stamp = struct.pack(">II", seconds, us % 1000000 * (1 << 32) // 1000000)
    answer[16:24] = answer[32:40] = answer[40:48] = stamp
    return bytes(answer)
