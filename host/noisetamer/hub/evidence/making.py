"""A bundle made in a process of its own, for a hub that measures meanwhile.

    python -m noisetamer.hub.evidence.making < asked.json

Standard output has a JSON object a line: {"step", "done", "of"}, last {"made": ...} or
{"refused": sentence}.
"""

import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError

# Measuring comes first.
_NICE = 10


def main() -> None:
    os.nice(_NICE)
    told = json.load(sys.stdin)
    try:
        _tell({"made": _made(told)})
    except UserError as error:
        _tell({"refused": str(error)})


def _made(told: dict[str, Any]) -> dict[str, Any]:
    from noisetamer.hub.evidence.bundle import make
    from noisetamer.hub.evidence.proofs import opened_log
    from noisetamer.hub.evidence.scope import Asked

    data, out = Path(told["data"]), Path(told["out"])
    with closing(opened_log(data, told["log_key"])) as log:
        made = make(data, log, Asked(**told["asked"]), out, _step)
    return {"bytes": made.bytes, "sha256": made.sha256, "index": made.index}


def _step(step: str, done: int, of: int) -> None:
    _tell({"step": step, "done": done, "of": of})


def _tell(what: dict[str, Any]) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
