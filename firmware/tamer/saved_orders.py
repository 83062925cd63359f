"""What of orders must outlast a restart: the highest number so far, and the one not done yet."""

import json

from tamer import blob

# Where parts are put together, and a policy that is on trial.
STAGE = "/order.part"
POLICY = "/policy.new"

_KEY = "orders"
_LARGEST = 64  # bytes


def load(memory):
    """(highest number, number of the order that is not done or 0, its verb or "").

    `memory`: the chip's own (esp32.NVS).
    """
    try:
        last, n, verb = json.loads(blob(memory, _KEY, _LARGEST))
        return int(last), int(n), str(verb)
    except (ValueError, TypeError):
        return 0, 0, ""


def save(memory, last, n=0, verb=""):
    """On flash when it returns. Raises OSError where that takes nothing."""
    memory.set_blob(_KEY, json.dumps([last, n, verb]).encode())
    memory.commit()
