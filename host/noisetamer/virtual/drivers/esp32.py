"""esp32: the non-volatile storage, in a file beside the flash."""

import binascii
import json

# Set at power-on: an open file.
partition = None


class NVS:
    """Integers and blobs by name. Raises OSError as the ESP32's does."""

    def __init__(self, namespace):
        partition.seek(0)
        self._all = json.loads(partition.read() or "{}")
        self._values = self._all.setdefault(namespace, {})

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
        blob = binascii.unhexlify(value)
        if len(blob) > len(buffer):
            raise OSError(-0x110C)  # ESP_ERR_NVS_INVALID_LENGTH
        buffer[: len(blob)] = blob
        return len(blob)

    def set_blob(self, key, value):
        """Held until `commit`."""
        self._values[key] = binascii.hexlify(value).decode()

    def erase_key(self, key):
        """Held until `commit`."""
        self._values.pop(key, None)

    def commit(self):
        """Write everything to the file."""
        text = json.dumps(self._all)
        partition.seek(0, 2)
        # Padded, so that what was longer before leaves no tail; at once, so that nothing is torn.
        text += " " * (partition.tell() - len(text))
        partition.seek(0)
        partition.write(text)
