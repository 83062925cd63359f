"""esp32: the non-volatile storage, in a file beside the flash."""

import json

# Set by whoever turns the power on: an open file.
partition = None


class NVS:
    def __init__(self, namespace):
        partition.seek(0)
        self._all = json.loads(partition.read() or "{}")
        self._values = self._all.setdefault(namespace, {})

    def get_i32(self, key):
        try:
            return self._values[key]
        except KeyError:
            raise OSError(-0x1102) from None  # ESP_ERR_NVS_NOT_FOUND

    def set_i32(self, key, value):
        self._values[key] = value

    def erase_key(self, key):
        self._values.pop(key, None)

    def commit(self):
        partition.seek(0)
        # Padded, so that what was longer before leaves no tail.
        partition.write("%-4095s\n" % json.dumps(self._all))
        partition.flush()
