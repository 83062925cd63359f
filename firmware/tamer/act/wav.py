"""Where a message's samples are in its WAV file, and how they are packed."""

import struct
from collections import namedtuple

# rate: Hz. start: offset of the data in bytes. samples: how many there are. block: bytes of a
# block of IMA ADPCM, 0 for 16-bit PCM.
Wav = namedtuple("Wav", ("rate", "start", "samples", "block"))

# Bytes of the largest block of IMA ADPCM that is taken.
LARGEST_BLOCK = 512

# Far more than a message has, and less than what a 32-bit chip can still seek.
_LARGEST_CHUNK = 1 << 29

PCM = 1
IMA_ADPCM = 0x11


def read_header(file):
    """The `Wav` of an open file, which is left at its first sample.

    ValueError unless it is mono, and 16-bit PCM or IMA ADPCM. A file that is shorter than its
    header says holds as many samples as are there.
    """
    riff = file.read(12)
    if riff[:4] != b"RIFF" or riff[8:12] != b"WAVE":
        raise ValueError("not a WAV file")
    rate = block = 0
    fact = None
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise ValueError("no samples in the WAV file")
        name, length = struct.unpack("<4sI", head)
        if length > _LARGEST_CHUNK:
            raise ValueError("not a WAV file")
        begin = file.tell()
        if name == b"fmt ":
            rate, block = _format(file.read(16))
        elif name == b"fact":
            fact = int.from_bytes(file.read(4), "little")
        elif name == b"data":
            length = min(length, file.seek(0, 2) - begin)
            samples = in_blocks(length, block) if block else length // 2
            file.seek(begin)
            return Wav(rate, begin, samples if fact is None else min(samples, fact), block)
        file.seek(begin + length + (length & 1))


def seconds(file, rate):
    """How long the message in an open file lasts, s. ValueError if it cannot be spoken at `rate`,
    Hz."""
    header = read_header(file)
    if header.rate != rate:
        raise ValueError("not at %d Hz" % rate)
    if not header.samples:
        raise ValueError("no samples in the WAV file")
    return header.samples / rate


def in_blocks(length, block):
    """Samples in `length` bytes of IMA ADPCM: a block holds one in its head of four bytes."""
    rest = length % block
    whole = length // block * (2 * block - 7)
    return whole + (2 * rest - 7 if rest >= 4 else 0)


def _format(fields):
    if len(fields) < 16:
        raise ValueError("no samples in the WAV file")
    kind, channels, rate, _, block, bits = struct.unpack("<HHIIHH", fields)
    if (kind, channels, bits) == (PCM, 1, 16):
        return rate, 0
    if (kind, channels, bits) == (IMA_ADPCM, 1, 4) and block > 4:
        if block > LARGEST_BLOCK:
            raise ValueError("blocks of %d bytes are too long" % block)
        return rate, block
    raise ValueError("a message must be mono, 16-bit PCM or IMA ADPCM")
