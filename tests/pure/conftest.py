import sys
from pathlib import Path

# MicroPython's unix port is started as the device tests do.
sys.path.append(str(Path(__file__).parents[1] / "device"))
