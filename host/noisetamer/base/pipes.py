"""What a pipe holds before its reader takes it: each filling costs two changes of process."""

import fcntl
import select
from contextlib import suppress


def enlarge(pipe: int, size: int) -> int:
    """Let a pipe, by its descriptor, hold `size` bytes; how many it holds then.

    Less where others have taken all that a user may have of pipes, and on systems other than
    Linux: there what POSIX promises of any.
    """
    set_size = getattr(fcntl, "F_SETPIPE_SZ", None)
    if set_size is None:
        return select.PIPE_BUF
    with suppress(OSError):
        fcntl.fcntl(pipe, set_size, size)
    return fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)
