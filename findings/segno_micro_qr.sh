#!/usr/bin/env bash
# One guesses: segno.make() of a short text gives the smallest ordinary QR code.
# What happens: it gives a Micro QR code (one finder pattern). zxing-cpp reads it, under another
# format name; OpenCV's detector finds nothing.
# Why it matters: labels with short numbers pass a test that reads them with zxing-cpp, and cannot
# be read by whoever knows ordinary QR codes only; a longer number on the next batch makes it work
# again.
# Mend: segno.make_qr(), or make(..., micro=False).
#
# Output seen:
#   segno 1.6.6
#   M3-M: zxing-cpp 'NT1-2611' (Micro QR Code), OpenCV ''
#   1-H: zxing-cpp 'NT1-2611' (QR Code), OpenCV 'NT1-2611'
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
    segno==1.6.6 zxing-cpp==3.1.1 opencv-python-headless==5.0.0.93

venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version

import cv2
import segno
import zxingcpp

print("segno", version("segno"))


def readers(code):
    code.save("code.png", scale=8)
    picture = cv2.imread("code.png", cv2.IMREAD_GRAYSCALE)
    zxing = zxingcpp.read_barcode(picture)
    opencv, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    print(f"{code.designator}: zxing-cpp {zxing.text!r} ({zxing.format}), OpenCV {opencv!r}")
    return code.is_micro, zxing.text, opencv


text = "NT1-2611"
sys.exit(
    0
    if readers(segno.make(text)) == (True, text, "")
    and readers(segno.make_qr(text)) == (False, text, text)
    else "No longer so: a short text gives a QR code that both readers read."
)
PYTHON
