"""Install packages into this Python's environment: `install_packages.py PIP-INSTALL-ARGUMENTS`.

By uv, which pip fetches first: it takes a quarter of pip's time. It is told what pip's own
settings say of where packages are; where it is not to be had, or fails, pip does it.
"""

import ast
import os
import subprocess
import sys

UV = "uv==0.13.9"
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
# pip's setting: (uv's variable, what stands between several).
_SETTINGS = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "constraint": ("UV_CONSTRAINT", " "),
    "no-index": ("UV_NO_INDEX", " "),
    "cert": ("SSL_CERT_FILE", " "),
}
_STRENGTH = {"install": 1, ":env:": 2}


def settings(told: str) -> dict[str, str]:
    """uv's variables. told: by `pip config list`, a line a setting."""
    found = {}
    # those of files, of files for `install`, of the environment: the last one holds
    for line in sorted(told.splitlines(), key=lambda line: _STRENGTH.get(line.split(".")[0], 0)):
        name, _, value = line.partition("=")
        variable, between = _SETTINGS.get(name.rpartition(".")[2], ("", ""))
        if variable:
            found[variable] = between.join(str(ast.literal_eval(value)).split())
    return found


def by_uv(words: list[str]) -> bool:
    """Whether it could."""
    fetched = subprocess.run([*_PIP, "install", "--quiet", UV], capture_output=True)
    told = subprocess.run([*_PIP, "config", "list"], capture_output=True, text=True)
    if fetched.returncode or told.returncode:
        return False
    # as pip has it: the best version, on whichever index
    how = ("--python", sys.executable, "--index-strategy", "unsafe-best-match")
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", "--quiet", *how, *words],
        env={**os.environ, **settings(told.stdout)},
        capture_output=True,
    )
    return not done.returncode


if __name__ == "__main__":
    wanted = sys.argv[1:]
    if not by_uv(wanted):
        sys.exit(subprocess.run([*_PIP, "install", "--quiet", "--no-compile", *wanted]).returncode)
