"""The file that a fault of the program leaves."""

import re
from pathlib import Path


def traceback_in(said: str) -> str:
    """What is in the file that a sentence names; the file is removed."""
    named = re.search(r"with the file (\S+)", said)
    assert named, said
    file = Path(named[1])
    text = file.read_text(encoding="utf-8")
    file.unlink()
    assert "Traceback (most recent call last)" in text
    return text
