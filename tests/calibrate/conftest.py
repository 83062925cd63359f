import sys
from pathlib import Path

# Test stand, running program and virtual board's tools are those of the tests that made them.
for folder in ("device", "command", "tools"):
    sys.path.append(str(Path(__file__).parents[1] / folder))
