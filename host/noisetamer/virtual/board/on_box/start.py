"""The first program of a virtual board. Arguments: the drivers' folder, and the numbers of two
open files: requests to what is around the board, its answers, of which the first is what the
chip must know."""

import power_up

_main = power_up.power_up()
if power_up.run("boot.py", globals()) and _main:
    power_up.run("main.py", globals())
del power_up, _main
