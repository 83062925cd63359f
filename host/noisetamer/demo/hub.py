"""python -m noisetamer.demo.hub: the hub, its page with the demo's boxes in the cards.

Standard input: what the boxes show, a JSON object a line; when it closes, the hub ends. Standard
output, after the line "ready": `music DB`, when somebody moves the slider.
"""

import argparse
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import replace

from noisetamer.base.loading import loading

with loading():
    from noisetamer.base.errors import UserError
    from noisetamer.base.output import room
    from noisetamer.demo.box_page import BoxPage
    from noisetamer.hub.command import add_options, options
    from noisetamer.hub.serve import run


def main() -> int:
    """As `noisetamer hub`, but for the page and the two streams."""
    parser = argparse.ArgumentParser(prog="noisetamer hub")
    add_options(parser)
    page = BoxPage(on_music=lambda dB: print(f"music {dB:g}", flush=True))

    def listen() -> None:
        # The last line is cut where a demo is ended in the middle of it.
        with suppress(ValueError):
            for line in sys.stdin:
                page.shows(json.loads(line))
        page.close()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=listen, daemon=True).start()
    try:
        with room():
            run(replace(options(parser.parse_args()), extend=page.extend))
    except UserError as error:
        print(f"noisetamer hub: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
