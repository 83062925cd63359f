"""What can be wrong with a virtual board, by name: "drop", or with a value "drop:20000"."""

from typing import NamedTuple

from noisetamer.base.errors import UserError
from noisetamer.virtual.board import chips


class Kind(NamedTuple):
    """What a fault does, what its value means ("" if it has none), and the usual value."""

    does: str
    value: str = ""
    usual: int = 0


KINDS = {
    "bad-flash": Kind("a byte of flash cannot be written", "its address", 0x10020),
    "busy": Kind("another program holds the port"),
    "crash": Kind("MicroPython crashes, once", "after so many bytes from the host", 2000),
    "dead": Kind("nothing is ever answered"),
    "dead-microphone": Kind("the microphone's capsule hears nothing"),
    "drop": Kind("the cable is pulled, once", "after so many bytes on the line", 20000),
    "drop-in-write": Kind("the port vanishes, once", "after so many bytes into flash", 32768),
    "full": Kind("the file system is too small", "its bytes", 65536),
    "garbage": Kind("noise on the line", "after so many bytes to the host", 0),
    "hang-up": Kind("the host is gone, once", "after so many bytes on the line", 20000),
    "mute": Kind("the loudspeaker makes no sound"),
    "no-psram": Kind("a chip without PSRAM"),
    "permission": Kind("the user may not open the port"),
    "slow": Kind("every answer comes late", "by so many milliseconds", 10),
    "stuck-microphone": Kind("the microphone's line holds one word"),
    "wrong-chip": Kind("another chip than the board should have", "which"),
}


class BoardFault(NamedTuple):
    """One of KINDS, with its value; for "wrong-chip" the name of a chip, or "" for any other."""

    name: str
    value: int
    chip: str = ""


class BoardFaults:
    """The faults a board has. Some happen once and are then over; any may come or go later."""

    def __init__(self, descriptions: tuple[str, ...] = ()):
        self._left = {fault.name: fault for fault in map(parsed, descriptions)}

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def value(self, name: str, otherwise: int) -> int:
        """The value of a fault, or another number where the board is sound."""
        return self._left[name].value if name in self._left else otherwise

    def chip(self, should_be: str) -> str:
        """The name of the chip the board really has."""
        wrong = self._left.get("wrong-chip")
        if wrong is None:
            return should_be
        return wrong.chip or next(name for name in chips.CHIPS if name != should_be)

    def happens(self, name: str, so_far: int) -> bool:
        """Whether a fault that happens once is due; it is then over."""
        if name in self._left and so_far >= self._left[name].value:
            del self._left[name]
            return True
        return False

    def add(self, description: str) -> None:
        """Raises UserError as `parsed` does."""
        fault = parsed(description)
        self._left[fault.name] = fault

    def mend(self, name: str) -> None:
        """End a fault, if the board has it."""
        self._left.pop(name, None)


def parsed(description: str) -> BoardFault:
    """Read "drop" or "drop:20000". Raises UserError for what is none."""
    name, colon, value = description.partition(":")
    kind = KINDS.get(name)
    if kind is None:
        raise UserError(f"no fault is called {name!r}; there is: {', '.join(KINDS)}.")
    if not colon:
        return BoardFault(name, kind.usual)
    if not kind.value:
        raise UserError(f"the fault {name!r} takes no value: write {name!r}.")
    if name == "wrong-chip":
        return BoardFault(name, 0, chips.named(value).name)
    try:
        number = int(value, 0)
    except ValueError:
        number = -1
    if number < 0:
        raise UserError(
            f"the fault {description!r} has no number after the colon ({kind.value}): write "
            f"{name}:{kind.usual} for example."
        )
    return BoardFault(name, number)
