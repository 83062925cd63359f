"""What belongs to an order, put together from its parts in a file of the flash."""

import gc
import hashlib
import os
from binascii import hexlify

from tamer.record.orders import PART, WINDOW, parts_of
from tamer.saved_orders import STAGE

# The file system keeps so many blocks for itself and for what else is written meanwhile.
_SPARE_BLOCKS = 6
# Of a release, which takes most of what there is; whether each of its files has room is looked at
# once it is whole (tamer.release_check).
_BESIDE_RELEASE = 2
# Asked again when nothing has come for so long, s.
_PATIENCE = 2


class Transfer:
    """Of one `order`. `path`: of the file."""

    def __init__(self, order, want):
        """`want(n, part)`: asks for the parts from this one on. Raises OSError without room."""
        self.order = order
        self.path = STAGE
        self._size = size = order["size"]
        self._want = want
        self._next = 0
        self._still = 0
        self._hash = hashlib.sha256()
        block, _, _, free = os.statvfs("/")[:4]
        spare = _BESIDE_RELEASE if order["verb"] == "update" else _SPARE_BLOCKS
        if size > block * (free - spare):
            raise OSError("%d bytes are free" % (block * free))
        # The parts come as fast as the link goes: they find the memory in one piece.
        gc.collect()
        self._file = open(self.path, "wb")

    def take(self, index, data):
        """None while parts are missing; then whether they are what was signed. Raises OSError."""
        expected = min(PART, self._size - self._next * PART)
        if index != self._next or len(data) != expected:
            return None
        self._file.write(data)
        self._hash.update(data)
        self._next += 1
        self._still = 0
        if self._next < parts_of(self._size):
            if self._next % (WINDOW // 2) == 0:
                self.ask()
            return None
        self._file.close()
        return hexlify(self._hash.digest()).decode() == self.order["sha256"]

    def second(self):
        """Once a second: what was lost is asked for again."""
        self._still += 1
        if self._still % _PATIENCE == 0:
            self.ask()

    def ask(self):
        """For the parts that come next."""
        self._want(self.order["n"], self._next)

    def state(self):
        """How far it has come, in words."""
        return "%d of %d parts" % (self._next, parts_of(self._size))

    def remove(self):
        """Nothing is left of it."""
        try:
            self._file.close()
            os.remove(self.path)
        except OSError:
            # It has become something else.
            pass
