"""Run a program that must not outlive its parent, not even when the parent is killed.

Linux: the kernel kills it (PR_SET_PDEATHSIG). Elsewhere there is no such signal; then only an
orderly end of the parent ends the program.

Usage: python die_with_parent.py PARENT_PID PROGRAM [ARGUMENT ...]
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the program, tied to the parent."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    # a terminal's Ctrl-C goes to the whole group: the parent alone decides when this one ends
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call above
            sys.exit(1)
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
