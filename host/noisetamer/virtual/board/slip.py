"""SLIP, the framing of Espressif's serial protocol (RFC 1055)."""

_END, _ESCAPE = b"\xc0", b"\xdb"


def encode(packet: bytes) -> bytes:
    """A packet as it goes over the line."""
    escaped = packet.replace(_ESCAPE, b"\xdb\xdd").replace(_END, b"\xdb\xdc")
    return _END + escaped + _END


class Decoder:
    """Finds packets in a stream that comes in pieces; what stands between them is noise."""

    def __init__(self) -> None:
        self._rest = b""
        self._inside = False

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that end in these bytes."""
        *ended, self._rest = (self._rest + data).split(_END)
        packets = []
        for piece in ended:
            if self._inside and piece:
                packets.append(piece.replace(b"\xdb\xdc", _END).replace(b"\xdb\xdd", _ESCAPE))
                self._inside = False
            else:
                # Either noise before a packet, or nothing between an end and a beginning.
                self._inside = True
        return packets
