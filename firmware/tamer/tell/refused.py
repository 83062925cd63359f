"""Records that the hub could not take: a few of them, with its reason, for whoever opens the box.

The hub keeps all of them; here the first ones tell what was wrong, should it be the box.
"""

import binascii
import json
import os

FILE = "/refused.jsonl"
_MOST = 4096  # bytes
_SHORTEST = 128  # bytes of one record here


def keep(records, boot, sequence, why):
    """Copy the record out of the journal `records` while there is room."""
    try:
        size = os.stat(FILE)[6]
    except OSError:
        size = 0
    if size + _SHORTEST > _MOST:
        return
    record = records.find(boot, sequence)
    if record is None:
        return
    head = '{"b":%d,"s":%d,"why":%s,"record":"' % (boot, sequence, json.dumps(why))
    if size + len(head) + 2 * len(record) + 3 > _MOST:
        return
    try:
        with open(FILE, "a") as file:
            file.write(head)
            file.write(binascii.hexlify(record).decode())
            file.write('"}\n')
    except OSError:
        # Without room for it the hub's own copy has to do.
        pass
