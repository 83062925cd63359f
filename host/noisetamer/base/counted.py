"""Sentences with a number in them: one, or many."""


def counted(n: int, one: str, many: str) -> str:
    """`one` for 1, else `many` with the number in place of "{}": whole sentences both, since
    languages differ in more than an s.
    """
    return one if n == 1 else many.format(n)
