"""JSON from files and units, of which all that is wrong is one kind of error."""

import json
from collections.abc import Callable
from typing import Any

_decode = json.JSONDecoder().decode


def loads(
    text: str | bytes, object_pairs_hook: Callable[[list[tuple[str, Any]]], Any] | None = None
) -> Any:
    """Raises json.JSONDecodeError, also for brackets nested too deep and numbers of thousands of
    digits, for which `json.loads` raises others; UnicodeDecodeError for bytes that are no text."""
    try:
        if object_pairs_hook is None and isinstance(text, str):
            # The shortest way for lines that come by the million.
            return _decode(text)
        return json.loads(text, object_pairs_hook=object_pairs_hook)
    except RecursionError:
        raise json.JSONDecodeError("brackets are nested too deep", "", 0) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:
        raise json.JSONDecodeError("a number has too many digits", "", 0) from None
