#!/usr/bin/env bash
# One guesses: an rcParam is a default: hatch.color holds where nothing else is said, and a bar's
# own edgecolor, from which its hatching takes its colour, goes before it.
# What happens: once hatch.color is anything but "edge", it beats the edgecolor given in the call:
# the border is red as asked, the hatching has the colour of the style sheet.
# Why it matters: a style with a house colour for hatching makes all classes of a black-and-white
# plot that are told apart by hatch and colour look the same, without any call having changed.
# Mend: leave hatch.color at "edge", or say hatchcolor= beside edgecolor=; that goes before both.
#
# Output seen:
#   matplotlib 3.11.2
#   {} edgecolor red {} -> hatching red
#   {'hatch.color': 'green'} edgecolor red {} -> hatching green
#   {'hatch.color': 'green'} edgecolor red {'hatchcolor': 'blue'} -> hatching blue
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check matplotlib==3.11.2 numpy==2.4.6

venv/bin/python - <<'PYTHON'
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

matplotlib.use("Agg")


def hatching(style, **colours):
    """Colour of the hatching of one bar: its most saturated pixel inside the border."""
    with matplotlib.rc_context(style):
        figure, axes = plt.subplots(figsize=(2, 2), dpi=100)
        bar = axes.bar([0], [1], facecolor="white", edgecolor="red", hatch="//", **colours)[0]
        axes.axis("off")
        figure.canvas.draw()
        box = bar.get_window_extent()
        pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
        inside = pixels[60:140, int(box.x0) + 5 : int(box.x1) - 5].reshape(-1, 3)
        plt.close(figure)
        strongest = inside[np.ptp(inside, axis=1).argmax()]
    name = ("red", "green", "blue")[strongest.argmax()]
    print(style, "edgecolor red", colours, "-> hatching", name)
    return name


print("matplotlib", matplotlib.__version__)
found = [
    hatching({}),
    hatching({"hatch.color": "green"}),
    hatching({"hatch.color": "green"}, hatchcolor="blue"),
]
sys.exit(
    0
    if found == ["red", "green", "blue"]
    else "No longer so: the edgecolor of the call goes before the rcParam."
)
PYTHON
