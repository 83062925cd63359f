"""esp32: the non-volatile storage, in files beside the flash, and the partition of records.

Small values are in one file, as JSON. Large ones have a file each: a chip keeps them outside of
the firmware's memory, which they would fill here.
"""

import binascii
import json

from flash import Partition  # noqa: F401

# Set at power-on: an open file, and how the paths of the others begin.
partition = None
beside = None

# Bytes of what has a file of its own.
_LARGE = 200


class NVS:
    """Integers and blobs by name. Raises OSError as the ESP32's does."""

    def __init__(self, namespace):
        partition.seek(0)
        self._all = json.loads(partition.read() or "{}")
        self._values = self._all.setdefault(namespace, {})
        self._files = "%s.%s." % (beside, namespace)
        self._held = {}

    def get_i32(self, key):
        """Raises OSError where there is none."""
        try:
            return self._values[key]
        except KeyError:
            raise OSError(-0x1102) from None  # ESP_ERR_NVS_NOT_FOUND

    def set_i32(self, key, value):
        """Held until `commit`."""
        self._values[key] = value

    def get_blob(self, key, buffer):
        """Into a buffer; returns its length. Raises OSError where it is missing or longer."""
        value = self._values.get(key)
        if not isinstance(value, str):
            raise OSError(-0x1102)
        if key in self._held:
            blob = self._held[key]
        elif value:
            blob = binascii.unhexlify(value)
        else:
            with open(self._files + key, "rb") as file:
                blob = file.read(len(buffer) + 1)
        if len(blob) > len(buffer):
            raise OSError(-0x110C)  # ESP_ERR_NVS_INVALID_LENGTH
        buffer[: len(blob)] = blob
        return len(blob)

    def set_blob(self, key, value):
        """Held until `commit`."""
        is_large = len(value) > _LARGE
        self._values[key] = "" if is_large else binascii.hexlify(value).decode()
        if is_large:
            self._held[key] = value

    def erase_key(self, key):
        """Held until `commit`."""
        self._values.pop(key, None)

    def commit(self):
        """Write everything to the files."""
        for key, value in self._held.items():
            with open(self._files + key, "wb") as file:
                file.write(value)
        self._held.clear()
        text = json.dumps(self._all)
        partition.seek(0, 2)
        # Padded, so that what was longer before leaves no tail; at once, so that nothing is torn.
        text += " " * (partition.tell() - len(text))
        partition.seek(0)
        partition.write(text)
