"""Which words of a kernel's context are held in which registers, while a block is gone through."""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

_WORD = 4

Register = TypeVar("Register")
Address = TypeVar("Address")


class Held(Generic[Register, Address]):
    """Of one pass. load, store: the assembler's, of (register, address, bytes from there)."""

    def __init__(
        self,
        load: Callable[[Register, Address, int], None],
        store: Callable[[Register, Address, int], None],
        free: Iterable[Register],
        at: Mapping[str, int],
        context: Address,
    ) -> None:
        """free: registers in the order in which they are given away; at: places of the context's
        words; context: where it is."""
        self._load = load
        self._store = store
        self._left = iter(free)
        self._at = at
        self._context = context
        self._states: list[tuple[str, Register]] = []

    def constant(self, word: str) -> Register:
        """Load a word that the pass only reads."""
        register = self.free()
        self._load(register, self._context, _WORD * self._at[word])
        return register

    def state(self, word: str) -> Register:
        """Load a word that `put_back` stores again."""
        register = self.constant(word)
        self._states.append((word, register))
        return register

    def free(self) -> Register:
        """A register for values within the pass."""
        return next(self._left)

    def put_back(self, context: Address | None = None) -> None:
        """context: where it is by now, if that has become another register."""
        context = self._context if context is None else context
        for word, register in self._states:
            self._store(register, context, _WORD * self._at[word])
