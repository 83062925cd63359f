"""Whoever acts on a kind of event names one that there is."""

import ast
from pathlib import Path

import noisetamer
from tamer.record.events import KINDS

HOST = Path(noisetamer.__file__).parent
ACTING = (
    *(
        "hub/live.py",
        "hub/web/timeline.py",
        "hub/web/story.py",
        "hub/reports/self_check_trend.py",
        "demo/command.py",
    ),
    *("simulate/summary.py", "simulate/compliance.py", "simulate/expect.py"),
    *("simulate/levels_series.py", "simulate/unit_run.py"),
)


def is_kind(node: ast.expr) -> bool:
    """event.kind, line["event"], line.get("event") or a variable of that name."""
    text = ast.unparse(node)
    return text in ("kind", "event") or text.endswith((".kind", "['event']", ".get('event')"))


def named(file: Path) -> set[str]:
    """The kinds that a file compares with."""
    found: list[ast.expr] = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Match) and is_kind(node.subject):
            for case in node.cases:
                found += [p.value for p in ast.walk(case.pattern) if isinstance(p, ast.MatchValue)]
        elif isinstance(node, ast.Compare) and is_kind(node.left):
            for other in node.comparators:
                found += other.elts if isinstance(other, ast.Tuple) else [other]
    return {
        node.value
        for node in found
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_kind_that_is_acted_upon_is_in_the_list():
    acted = {name: named(HOST / name) for name in ACTING}
    assert set().union(*acted.values()) >= {"stage", "warning", "spoken", "outcome", "boot"}
    for name, kinds in acted.items():
        assert kinds <= set(KINDS), name
