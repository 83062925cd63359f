"""esp32: the non-volatile storage, in its own partition of the flash; the partition of records."""

import binascii
import json

from flash import Partition, complement  # noqa: F401

_NOT_FOUND = -0x1102  # ESP_ERR_NVS_NOT_FOUND
_TOO_LONG = -0x110C  # ESP_ERR_NVS_INVALID_LENGTH
_NO_ROOM = -0x1105  # ESP_ERR_NVS_NOT_ENOUGH_SPACE

HEAP_DATA = 4
HEAP_EXEC = 1

# Set at power-on: an open file, where the partition begins, its size.
partition = None
psram_bytes = 0


class NVS:
    """Integers and blobs by name; what is not committed is lost with the power."""

    def __init__(self, namespace):
        self._namespace = namespace
        self._changes = {}

    def _value(self, kind, key):
        try:
            value = self._changes.get((kind, key), self)
            if value is self:
                value = _load()[self._namespace][kind][key]
        except KeyError:
            value = None
        if value is None:
            raise OSError(_NOT_FOUND)
        return value

    def get_i32(self, key):
        """Raises OSError where there is none."""
        return self._value("i", key)

    def set_i32(self, key, value):
        """Held until `commit`."""
        self._changes["i", key] = value

    def get_blob(self, key, buffer):
        """Into a buffer; returns its length. Raises OSError where it is missing or longer."""
        blob = binascii.unhexlify(self._value("b", key))
        if len(blob) > len(buffer):
            raise OSError(_TOO_LONG)
        buffer[: len(blob)] = blob
        return len(blob)

    def set_blob(self, key, value):
        """Held until `commit`."""
        self._changes["b", key] = binascii.hexlify(value).decode()

    def erase_key(self, key):
        """Held until `commit`. Raises OSError where there is none."""
        for kind in "ib":
            try:
                self._value(kind, key)
            except OSError:
                continue
            self._changes[kind, key] = None
            return
        raise OSError(_NOT_FOUND)

    def commit(self):
        """Write what changed. Raises OSError where the partition is too small."""
        everything = _load()
        values = everything.setdefault(self._namespace, {"i": {}, "b": {}})
        for (kind, key), value in self._changes.items():
            if value is None:
                values[kind].pop(key, None)
            else:
                values[kind][key] = value
        _store(everything)
        self._changes = {}


def idf_heap_info(capabilities):
    """(total, free, largest free, least free) of each region; as on a board at rest."""
    regions = [(300000, 120000, 90000, 80000)]
    if psram_bytes:
        regions.append((psram_bytes,) + 3 * (psram_bytes // 2,))
    return regions


def _load():
    file, at, size = partition
    file.seek(at)
    head = bytearray(4)
    file.readinto(head)
    complement(head, 4)
    length = int.from_bytes(head, "big")
    if not 0 < length <= size - 4:
        return {}  # erased
    text = bytearray(length)
    file.readinto(text)
    complement(text, length)
    return json.loads(text)


def _store(everything):
    file, at, size = partition
    text = json.dumps(everything).encode()
    if len(text) > size - 4:
        raise OSError(_NO_ROOM)
    data = bytearray(len(text).to_bytes(4, "big") + text)
    complement(data, len(data))
    file.seek(at)
    # In one piece: the power may go at any moment.
    file.write(data)
