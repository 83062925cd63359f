"""An earlier build beside this one, to be measured in turns with it."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from folders import ROOT


@contextmanager
def earlier_tree(commit: str) -> Iterator[dict[str, Path]]:
    """{name: where it is} of that commit's build, where one is named, and of this one."""
    with tempfile.TemporaryDirectory() as folder:
        earlier = Path(folder) / "earlier"
        git = ["git", "-C", str(ROOT), "worktree"]
        if commit:
            subprocess.run([*git, "add", "-fq", "--detach", earlier, commit], check=True)
        try:
            yield {**({commit: earlier} if commit else {}), "this build": ROOT}
        finally:
            if commit:
                subprocess.run([*git, "remove", "-f", earlier])
