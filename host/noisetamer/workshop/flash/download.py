"""The image from micropython.org, kept for the next time."""

import os
import urllib.error
import urllib.request
from pathlib import Path

from noisetamer.base.errors import UserError

SOURCE = "https://micropython.org/resources/firmware/"
_PATIENCE_S = 30


def obtain(name: str, cache: Path, source: str = SOURCE) -> Path:
    """The image `name` in the folder `cache`, downloaded when it is not there.

    Whole or not at all: a half download leaves nothing under the image's name.
    Raises UserError, which says how to do without a network.
    """
    file = cache / name
    if file.exists():
        return file
    draft = cache / f"{name}.{os.getpid()}.part"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(source + name, timeout=_PATIENCE_S) as answer:
            content = answer.read()
        draft.write_bytes(content)
        draft.replace(file)
    except (OSError, ValueError) as error:
        draft.unlink(missing_ok=True)
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise UserError(
            f"The image {name} could not be downloaded ({reason}): fetch {source}{name} on "
            "another computer and name the file with --image."
        ) from None
    return file
