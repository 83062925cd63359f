"""A Windows laptop runs `py -m noisetamer flash`, so nothing it imports may be POSIX's alone."""

import ast
import importlib.util
from pathlib import Path

import pytest

POSIX_ONLY = {"fcntl", "grp", "pty", "pwd", "readline", "resource", "termios", "tty"}

VERBS = [
    "noisetamer.workshop.flash.command",
    "noisetamer.workshop.flash.replace_command",
    "noisetamer.workshop.ledger.command",
    "noisetamer.workshop.label.command",
    "noisetamer.hub.import_units",
]


def imported(module: str) -> set[str]:
    """What a module imports as it is loaded, and not only when a function is called."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return set()
    package = module if spec.submodule_search_locations else module.rpartition(".")[0]
    found = {package}
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("verb", VERBS)
def test_no_module_of_ours_needs_posix(verb: str):
    seen: set[str] = set()
    waiting = {verb}
    while waiting:
        module = waiting.pop()
        seen.add(module)
        if module.partition(".")[0] not in ("noisetamer", "tamer"):
            continue
        try:
            waiting |= imported(module) - seen
        except ModuleNotFoundError:
            # Not a module but a name in one.
            continue
    assert not {module.partition(".")[0] for module in seen} & POSIX_ONLY
