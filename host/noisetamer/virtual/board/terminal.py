"""CPython: take the console as the controlling terminal, so that its Ctrl-C arrives as a signal,
then become the interpreter named by the first argument."""

# Nothing more before a board runs: `os` and the `signal` around this one, with its enumerations,
# would be two fifths of its start.
import _signal  # type: ignore[import-not-found]
import fcntl
import posix
import sys
import termios

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
# A board ends with its host; one that `nohup` started would go on by itself.
_signal.signal(_signal.SIGHUP, _signal.SIG_DFL)
program = sys.argv[1]
if program.endswith(".py"):
    # The wheel's interpreter is a Python module: no need to start Python again.
    sys.path.append(program.rpartition("/")[0])
    import micropython_unix

    sys.argv[:2] = ["micropython"]
    sys.exit(micropython_unix.main())
posix.execv(program, sys.argv[1:])
