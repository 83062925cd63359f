"""Where orders arrive: what they need is loaded when one comes, and let go a while after."""

import gc

from tamer import unload

# What only orders need.
_MODULES = (
    ("tamer", "obey", "ordered_check", "saved_orders", "update", "saved_release"),
    ("tamer.tell", "orders", "transfer"),
    ("tamer.record", "orders", "release"),
)

_SILENT = 600  # s between two events of a fault of ours
_GARBAGE = 4096  # bytes, while modules are loaded


class OrderDesk:
    """Of one boot."""

    def __init__(self, settings, memory, clock, parts, tell):
        """`settings`: of this unit. `memory`: the chip's own. `clock`: this boot's. `parts()`: a
        `tamer.obey.Box` of the unit. `tell(*values)`: the event `order`.
        """
        self._hub = settings["hub"]
        self._unit = settings["unit"]
        self._memory = memory
        self._clock = clock
        self._parts = parts
        self._tell = tell
        self._gate = None
        self._refused = {}
        self._silent = 0  # s, for so long
        # Asks the hub for parts; whoever makes the link sets it.
        self.want = lambda n, part: None

    def take(self, is_part, message):
        """A message of the link, as it came. Whatever is wrong with it, the link stands."""
        try:
            if self._gate is None:
                self._gate = self._opened()
            (self._gate.part if is_part else self._gate.order)(message)
        except Exception as wrong:
            # It may come again and again.
            if not self._silent:
                self._silent = _SILENT
                why = "no memory" if isinstance(wrong, MemoryError) else "failed"
                self._tell(None, None, "refused", why, str(wrong))

    def second(self):
        """Once a second."""
        if self._silent:
            self._silent -= 1
        for entry in self._refused.values():
            entry[0] += 1
        if self._gate and not self._gate.second():
            self._gate = None
            for names in _MODULES:
                unload(*names)
            gc.collect()

    def _opened(self):
        # Garbage goes often meanwhile: what stays would lie between it, and leave no room in one
        # piece.
        gc.collect()
        gc.threshold(_GARBAGE)
        try:
            from tamer.obey import Obey
            from tamer.tell.orders import Orders
        finally:
            gc.threshold(-1)
        key = self._hub and self._hub.get("command")
        obey = Obey(self._parts())
        told = self._refused
        return Orders(
            key, self._unit, self._memory, self._clock, self._tell, self.want, obey, told
        )
