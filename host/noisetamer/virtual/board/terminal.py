"""CPython: take the console as the controlling terminal, so that its Ctrl-C arrives as a signal,
then become the interpreter named by the first argument."""

import fcntl
import os
import signal
import sys
import termios

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
# A board ends with its host; one that `nohup` started would go on by itself.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
program = sys.argv[1]
if program.endswith(".py"):
    # The wheel's interpreter is a Python module: no need to start Python again.
    sys.path.append(program.rpartition("/")[0])
    import micropython_unix

    sys.argv[:2] = ["micropython"]
    sys.exit(micropython_unix.main())
os.execv(program, sys.argv[1:])
