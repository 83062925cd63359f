"""How many changes of evidence bundles the verifier misses, and how many honest ones it doubts.

    .venv/bin/python tests/bench/evidence_mutations.py --mutations 10000 --honest 200 --browser 500

--browser: so many of the changes in the page's own modules as well, which must say the same. Exit
code 1 where there was one miss, one false alarm or one line that differs.
"""

import argparse
import base64
import functools
import http.server
import sys
import tempfile
import time
from pathlib import Path

SUPPORT = Path(__file__).parents[1] / "support"
sys.path.insert(0, str(SUPPORT))

from bundle_mutations import mutations  # noqa: E402
from chromium import chromium  # noqa: E402
from evidence_bundle import Bundle  # noqa: E402
from evidence_evening import evening  # noqa: E402
from evidence_signers import Authority, Keys  # noqa: E402
from http_beside import served  # noqa: E402

from noisetamer.hub.web.app import STATIC  # noqa: E402
from noisetamer.proof.verify_evidence import WORDS, verify  # noqa: E402

CHECK = """async ([words, bundles, root]) => {
  const { verify } = await import("/static/verify/verify.js");
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const found = [];
  for (const text of bundles) {
    const report = await verify(words, "en", "a.zip", bytes(text), bytes(root));
    found.push(report.lines.map((line) => [line.state, line.text]));
  }
  return found;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def in_browser(bundle: Bundle, changed: list[tuple[str, bytes]]) -> list[str]:
    """Of which the page says something else than the command."""

    def text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    root = bundle.members["keys/root.pub"]
    handler = functools.partial(Quiet, directory=str(STATIC.parent))
    differ: list[str] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with served(server), chromium() as browser:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/static/icon.svg")
        for start in range(0, len(changed), 100):
            some = changed[start : start + 100]
            said = page.evaluate(CHECK, [WORDS, [text(data) for _, data in some], text(root)])
            for (what, data), lines in zip(some, said, strict=True):
                report = verify(data, root=root)
                if [[line.state, line.text] for line in report.lines] != lines:
                    differ.append(f"otherwise in the browser: {what}")
    return differ


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--honest", type=int, default=200)
    parser.add_argument("--browser", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    keys = Keys()
    root = None
    alarms: list[str] = []
    misses: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        for seed in range(asked.honest):
            honest = Bundle(
                evening(300 + 20 * (seed % 30), seed),
                keys,
                authority if seed % 10 == 0 else None,
                filler=seed * 7 % 300,
                cosigned=seed % 3 > 0,
                more=seed % 5,
            )
            root = honest.members["keys/root.pub"]
            report = verify(honest.data, root=root)
            if report.code:
                alarms += [
                    f"{seed}: {line.text}" for line in report.lines if line.state == "FALSE"
                ]
        bundle = Bundle(evening(), keys, authority)
        other = Bundle(evening(seed=2), Keys(), authority)
    began = time.perf_counter()
    for what, data in mutations(bundle, other, asked.seed, asked.mutations):
        if verify(data, root=bundle.members["keys/root.pub"]).code != 1:
            misses.append(what)
    took = time.perf_counter() - began
    for line in (*alarms, *misses):
        print(line)
    print(
        f"{asked.mutations} changes of {len(bundle.data)} bytes: {len(misses)} missed, "
        f"{1000 * took / max(1, asked.mutations):.1f} ms each; {asked.honest} honest bundles: "
        f"{len(alarms)} false alarms",
        flush=True,
    )
    differ: list[str] = []
    if asked.browser:
        differ = in_browser(bundle, list(mutations(bundle, other, asked.seed + 1, asked.browser)))
        for line in differ:
            print(line)
        print(f"{asked.browser} in the browser: {len(differ)} differ")
    return int(bool(misses or alarms or differ))


if __name__ == "__main__":
    sys.exit(main())
