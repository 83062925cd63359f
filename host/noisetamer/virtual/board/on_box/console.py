"""What programs print, as a board's UART sends it: lines end with CR LF. Bytes for
`sys.stdout.buffer` stay as they are; so do the interpreter's own tracebacks, which end with LF."""

import builtins
import io
import sys

_print = builtins.print


class Stdout(io.IOBase):
    """sys.stdout of a board."""

    def __init__(self):
        self.buffer = sys.stdout.buffer

    def write(self, data):
        """Text or bytes; returns how many characters or bytes were taken."""
        if isinstance(data, str):
            data = data.encode()
        self.buffer.write(bytes(data).replace(b"\n", b"\r\n"))
        return len(data)


stdout = Stdout()


def _print_line(*values, sep=" ", end="\n", file=None):
    text = io.StringIO()
    _print(*values, sep=sep, end=end, file=text)
    (stdout if file is None else file).write(text.getvalue())


builtins.print = _print_line
