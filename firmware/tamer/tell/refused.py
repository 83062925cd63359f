"""Records that the hub could not take: a few of them, with its reason, for whoever opens the box.

The hub keeps all of them; here the first ones tell what was wrong, should it be the box.
"""

import binascii
import json
import os

FILE = "/refused.jsonl"
_MOST = 4096  # bytes
_SHORTEST = 128  # bytes of one record here


class Only:
    """In the place of what is acknowledged: a journal then reads this record, or one after it."""

    def __init__(self, boot, sequence):
        self._boot = boot
        self._before = sequence - 1

    def get(self, boot, _):
        return self._before if boot == self._boot else 0xFFFFFFFF


def keep(records, boot, sequence, why):
    """Copy the record out of the journal while there is room; whether that was tried.

    Then `records` was read from its beginning: whoever else reads it begins again.
    """
    try:
        size = os.stat(FILE)[6]
    except OSError:
        size = 0
    if size + _SHORTEST > _MOST:
        return False
    records.rewind()
    record = records.read(Only(boot, sequence))
    if record is None or record.sequence != sequence:
        return True
    head = '{"b":%d,"s":%d,"why":%s,"record":"' % (boot, sequence, json.dumps(why))
    if size + len(head) + 2 * len(record.body) + 3 > _MOST:
        return True
    try:
        with open(FILE, "a") as file:
            file.write(head)
            file.write(binascii.hexlify(record.body).decode())
            file.write('"}\n')
    except OSError:
        # Without room for it the hub's own copy has to do.
        pass
    return True
