"""Columns of a terminal, in which a Chinese character takes two cells."""

from rich.cells import cell_len


def padded(text: str, wide: int, right: bool = False) -> str:
    """As wide as so many cells, its own at the left, or at the right; longer ones stay whole."""
    spaces = " " * (wide - cell_len(text))
    return spaces + text if right else text + spaces
