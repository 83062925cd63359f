#!/usr/bin/env bash
# One guesses: import-linter looks at every module that Python can import below the root package; a
# folder without __init__.py, if it were not supported, would be an error.
# What happens: such a folder is left out without a word. Python imports its modules all the same
# (as a namespace package), and an import in them that breaks the contract leaves the contract
# KEPT, exit 0.
# Why it matters: a new sub-folder in which somebody forgot __init__.py is outside of all rules,
# and nothing looks different: the check is green.
# Mend: a test that every folder with a .py file below the root has an __init__.py (ruff: INP001).
#
# Output seen:
#   import-linter 2.16
#   Python imports pk.low.parts.upwards
#   exit 0 Contracts: 1 kept, 0 broken.
#   with pk/low/parts/__init__.py:
#   exit 1 Contracts: 0 kept, 1 broken.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check import-linter==2.16 grimp==3.20

venv/bin/python - <<'PYTHON'
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

FILES = {
    "pk/__init__.py": "",
    "pk/high/__init__.py": "",
    "pk/low/__init__.py": "",
    "pk/low/parts/upwards.py": "import pk.high\n",  # low must not import high
    ".importlinter": """
[importlinter]
root_package = pk

[importlinter:contract:layers]
name = low does not import high
type = layers
layers =
    pk.high
    pk.low
""",
}
for path, text in FILES.items():
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def lint():
    result = subprocess.run(
        ["venv/bin/lint-imports", "--no-cache"],
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
    )
    print("exit", result.returncode, *[x for x in result.stdout.splitlines() if "Contracts:" in x])
    return result.returncode


print("import-linter", version("import-linter"))
program = "import pk.low.parts.upwards as module; print('Python imports', module.__name__)"
subprocess.run([sys.executable, "-c", program], check=True)
without = lint()
print("with pk/low/parts/__init__.py:")
Path("pk/low/parts/__init__.py").touch()
sys.exit(
    0
    if (without, lint()) == (0, 1)
    else "No longer so: a folder without __init__.py is looked at or refused."
)
PYTHON
