"""A chip's own memory (esp32.NVS), as far as blobs go. For both Pythons."""


class ChipMemory:
    """`blobs`: what is in it. `full`: it takes nothing any more."""

    def __init__(self):
        self.blobs = {}
        self.full = False
        self._new = {}

    def get_blob(self, key, buffer):
        if key not in self.blobs:
            raise OSError(-0x1102)
        value = self.blobs[key]
        buffer[: len(value)] = value
        return len(value)

    def set_blob(self, key, value):
        self._new[key] = bytes(value)

    def commit(self):
        new, self._new = self._new, {}
        if self.full:
            raise OSError(-0x1105)
        self.blobs.update(new)
