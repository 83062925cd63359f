"""Prints every record a unit's flash holds, one JSON object a line.

Arguments: the drivers' folder, the firmware's, the file of the partition of records, its size.
"""

import json
import sys

drivers, firmware, partition, size = sys.argv[1:5]

# Not the other drivers: this is no virtual box.
sys.path.insert(0, drivers)
from flash import Nor

sys.path[0] = firmware

from tamer.record import encoding
from tamer.tell.journal import Journal

journal = Journal(Nor(open(partition, "r+b"), int(size)), 1000)
while True:
    record = journal.read()
    if record is None:
        break
    body = record.body
    head = encoding.head(body)
    if head.code in encoding.OF_SECONDS:
        told = [list(second) for second in encoding.seconds(body)]
    else:
        kind, fields = encoding.event(body)
        told = {"kind": kind, "t": head.t, "fields": fields}
    print(json.dumps([record.boot, record.sequence, head.code, told]))
