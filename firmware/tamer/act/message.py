"""A message read from its file: decoded, at its volume, faded in and out."""

from tamer.act import adpcm, volume, wav
from tamer.act.wav import LARGEST_BLOCK

# Bytes of the samples in the largest block.
ROOM = 2 * (2 * LARGEST_BLOCK - 7)


class Message:
    """The samples of one open WAV file, a piece at a time."""

    def __init__(self, file, volume_dB, scratch):
        """`volume_dB`: re full, at most 0. `scratch`: LARGEST_BLOCK bytes.

        Raises ValueError if the file is no message.
        """
        header = wav.read_header(file)
        self.rate = header.rate
        self.samples = header.samples
        self._file = file
        self._block = memoryview(scratch)[: header.block] if header.block else None
        self._gain = volume.factor(volume_dB)
        self._at = 0

    def read(self, samples):
        """Put the next 16-bit samples into `samples`, ROOM bytes; how many, 0 at the end."""
        left = self.samples - self._at
        if left <= 0:
            return 0
        if self._block is None:
            n = self._file.readinto(memoryview(samples)[: min(2 * left, ROOM)]) // 2
        else:
            n = self._file.readinto(self._block)
            n = min(left, adpcm.decode(self._block, n, samples)) if n > 4 else 0
        volume.shape(samples, n, self._at, self.samples, self._gain)
        self._at += n
        return n
