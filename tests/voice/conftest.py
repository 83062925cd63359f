import sys
from pathlib import Path

# `program.run`, the program as a user types it, is the command tests' own.
sys.path.insert(0, str(Path(__file__).parents[1] / "command"))
