"""Draws the rooms of the project from their own imports:

    .venv/bin/python host/architecture.py

Writes host/pictures/architecture.png, and host/ARCHITECTURE.md with the same as a table, which a
test holds to the code. The order of the layers is the import contract's in pyproject.toml.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import grimp
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

HOST = Path(__file__).resolve().parent
PAGE = HOST / "ARCHITECTURE.md"
PICTURE = HOST / "pictures" / "architecture.png"

# Package: what it is, in the picture's words.
PACKAGES = {
    "noisetamer": "On your computer: host/noisetamer",
    "tamer": "On the box: firmware/tamer",
}

_INK, _LINE, _BOX, _DOWN = "#1f2933", "#9aa5b1", "#eef2f6", "#6b7785"

Layers = Sequence[Sequence[str]]
"""Names of rooms, the topmost layer first."""

Imports = Mapping[tuple[str, str], int]
"""How many imports go from a room to another: {(importer, imported): count}."""


def layers(package: str) -> Layers:
    """The layers of a package as the import contract has them."""
    project = tomllib.loads((HOST.parent / "pyproject.toml").read_text(encoding="utf-8"))
    for contract in project["tool"]["importlinter"]["contracts"]:
        if contract["type"] == "layers" and contract["containers"] == [package]:
            rows = [[part.strip() for part in row.split("|")] for row in contract["layers"]]
            return [[room.strip("() ") for room in row] for row in rows]
    raise LookupError(f"no layers contract for {package} in pyproject.toml")


def imports(graph: grimp.ImportGraph, package: str, rooms: Iterable[str]) -> Imports:
    """The imports between rooms of one package, topmost first; counted once a pair of files."""
    rank = {room: number for number, room in enumerate(rooms)}
    known = set(rank)
    counted: Counter[tuple[str, str]] = Counter()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            pair = _room(package, importer), _room(package, imported)
            if pair[0] != pair[1] and known.issuperset(pair):
                counted[pair] += 1
    upwards = [pair for pair in counted if rank[pair[0]] >= rank[pair[1]]]
    if upwards:
        raise SystemExit(f"Imports go upwards, see lint-imports: {upwards}")
    return counted


def files(graph: grimp.ImportGraph, package: str) -> Counter[str]:
    """How many files each room has, those without a line in them left out."""
    return Counter(
        _room(package, module) for module in graph.modules if module.startswith(package + ".")
    )


def page() -> str:
    """ARCHITECTURE.md, made from the imports."""
    graph = _graph()
    parts = [
        "# The rooms, drawn from their imports\n",
        "Made by `host/architecture.py`; a test holds it to the code. Imports go downwards only:\n"
        "`lint-imports` refuses every other (`pyproject.toml`). An arrow that others lead along\n"
        "anyway is left out of the picture.\n",
        "![Rooms of host and firmware, and who imports whom](pictures/architecture.png)\n",
    ]
    for package, what in PACKAGES.items():
        rows = layers(package)
        order = [room for row in rows for room in row]
        pairs = imports(graph, package, order)
        parts.append(f"## {what}\n\n| room | imports from |\n|---|---|")
        for room in order:
            below = [f"`{to}`" for to in order if (room, to) in pairs]
            parts.append(f"| `{room}` | {', '.join(below) or 'nothing'} |")
        parts.append("")
    return "\n".join(parts)


def draw(path: Path) -> None:
    """Save both packages side by side as a PNG. Raises OSError."""
    graph = _graph()
    figure = Figure(figsize=(14, 8), layout="constrained")
    sides = figure.subplots(1, len(PACKAGES))
    for axes, (package, what) in zip(sides, PACKAGES.items(), strict=True):
        rows = layers(package)
        order = [room for row in rows for room in row]
        _draw_side(axes, rows, imports(graph, package, order), files(graph, package))
        axes.set_title(what, fontsize=12, color=_INK)
    FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})


def _draw_side(axes: Axes, rows: Layers, counted: Imports, sizes: Mapping[str, int]) -> None:
    places = {
        room: (column - (len(row) - 1) / 2, float(level))
        for level, row in enumerate(reversed(rows))
        for column, room in enumerate(row)
    }
    for of, to in without_detours(counted):
        (x0, y0), (x1, y1) = places[of], places[to]
        # A long arrow goes round what lies straight between.
        bend = 0.0 if y0 - y1 <= 1 or x0 != x1 else 0.35
        arrow = FancyArrowPatch(
            (x0, y0 - 0.21),
            (x1, y1 + 0.21),
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=11,
            lw=1.1,
            color=_LINE,
            zorder=1,
        )
        axes.add_patch(arrow)
    for room, (x, y) in places.items():
        box = FancyBboxPatch(
            (x - 0.4, y - 0.18),
            0.8,
            0.36,
            boxstyle="round,pad=0.02,rounding_size=0.08",
            fc=_BOX,
            ec=_DOWN,
            lw=0.9,
            zorder=2,
        )
        axes.add_patch(box)
        axes.text(x, y + 0.05, room, ha="center", va="center", fontsize=10, color=_INK, zorder=3)
        size = f"{sizes[room]} file{'s' if sizes[room] > 1 else ''}"
        axes.text(x, y - 0.1, size, ha="center", va="center", fontsize=7, color=_DOWN, zorder=3)
    wide = max(abs(x) for x, _ in places.values()) + 0.6
    axes.set_xlim(-wide, wide)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.axis("off")


def without_detours(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The transitive reduction: an arrow that others lead along anyway is left out."""
    below: dict[str, set[str]] = {}
    for of, to in pairs:
        below.setdefault(of, set()).add(to)

    def reached(room: str) -> set[str]:
        return {room}.union(*(reached(one) for one in below.get(room, ())))

    return [
        (of, to)
        for of, rooms in sorted(below.items())
        for to in sorted(rooms)
        if not any(to in reached(other) for other in rooms - {to})
    ]


def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def _room(package: str, module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == package and len(parts) > 1 else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    draw(PICTURE)
