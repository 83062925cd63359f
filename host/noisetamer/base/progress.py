"""How far long work is, for whoever looks at the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def shown(
    what: str, of: float = 1.0, remaining: bool = False
) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, to be told how much of `of` is done; none where no one looks.

    remaining: beside it stands how long it still takes, else how long it has taken. Standard
    output stays for what is found.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    # Loaded where it is wanted: it takes as long as a short measurement.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn() if remaining else TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(what, total=of)
        yield lambda done: bar.update(task, completed=done)
