"""What a pipe holds before its reader takes it: each filling costs two changes of process."""

import errno
import fcntl
import os
import select
from contextlib import suppress

# Bytes that are copied at a time.
_COPIED = 1 << 16


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


def pour(file: int, at: int, size: int, pipe: int) -> None:
    """`size` bytes of a file from byte `at` on into a pipe, both by their descriptors.

    Where the system can (Linux), the pipe gets the pages of the file that it has in memory, and
    nothing is copied. Raises OSError, and EOFError where the file ends before.
    """
    while size:
        if not (moved := _moved(file, at, size, pipe)):
            raise EOFError
        at, size = at + moved, size - moved


def _moved(file: int, at: int, size: int, pipe: int) -> int:
    if splice := getattr(os, "splice", None):
        try:
            return splice(file, pipe, size, offset_src=at)
        except OSError as error:
            # Some file systems do not lend their pages, some sandboxes let nobody ask.
            if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EPERM):
                raise
    return os.write(pipe, os.pread(file, min(size, _COPIED), at))
