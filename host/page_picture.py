"""Makes host/pictures/page.png: the page during the demo, with three boxes.

.venv/bin/python host/page_picture.py [FILE] [zh|en] [light|dark] [WIDTH]

Wants Chromium and a font with Chinese (Debian: chromium, fonts-noto-cjk).
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURE = Path(__file__).parent / "pictures" / "page.png"
HEIGHT = 1090
# One warns, another is close to its limit, the third is quiet, and the curves are drawn.
AS_WANTED = """() => {
  const signs = [...document.querySelectorAll(".sign use")].map((use) => use.href.baseVal);
  return ["polite", "amber", "green"].every((stage) => signs.includes(`#sign-${stage}`))
    && document.querySelectorAll(".curve canvas").length === 3;
}"""


def demo() -> tuple[subprocess.Popen[str], str]:
    """The demo and the address of its page."""
    words = ["--headless", "--port", "0", "--units", "3"]
    running = subprocess.Popen(
        [Path(sys.executable).with_name("noisetamer"), "demo", *words],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    first = next(line for line in running.stdout if line.startswith("Watch the square"))
    return running, first.split()[4]


def take(page: Page, address: str, language: str, file: Path) -> None:
    """As soon as the story has come so far."""
    page.goto(f"{address}?lang={language}")
    page.wait_for_function(AS_WANTED, timeout=180_000)
    page.screenshot(path=file)


def main(file: Path, language: str, scheme: str, width: int) -> None:
    """The picture."""
    running, address = demo()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium")
            )
            page = browser.new_page(
                viewport={"width": width, "height": HEIGHT},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            take(page, address, language, file)
            browser.close()
    finally:
        running.send_signal(signal.SIGINT)
        running.wait()
    print(file)


if __name__ == "__main__":
    defaults = str(PICTURE), "en", "light", "1440"
    given = sys.argv[1:]
    file, language, scheme, width = (*given, *defaults[len(given) :])
    main(Path(file), language, scheme, int(width))
