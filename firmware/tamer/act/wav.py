"""Where the samples are in a WAV file."""

import struct
from collections import namedtuple

Wav = namedtuple("Wav", ("rate", "start", "length"))


def read_header(file):
    """Rate in Hz, offset and length in bytes of the samples; ValueError unless 16-bit mono PCM."""
    riff = file.read(12)
    if riff[:4] != b"RIFF" or riff[8:12] != b"WAVE":
        raise ValueError("not a WAV file")
    rate = 0
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise ValueError("no samples in the WAV file")
        name, length = struct.unpack("<4sI", head)
        if name == b"fmt ":
            kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", file.read(16))
            if (kind, channels, bits) != (1, 1, 16):
                raise ValueError("a message must be 16-bit mono PCM")
            file.seek(length - 16, 1)
        elif name == b"data":
            return Wav(rate, file.tell(), length)
        else:
            file.seek(length + (length & 1), 1)
