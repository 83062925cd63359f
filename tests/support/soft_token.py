"""A PKCS#11 token in software: SoftHSM 2, by the library a real one would have too."""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from waiting import DEADLINE

MODULES = (
    *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"),
    Path("/usr/lib/softhsm/libsofthsm2.so"),
)


@dataclass(frozen=True)
class SoftToken:
    """folder: of its files; pin: the file."""

    folder: Path
    module: Path
    pin: Path

    def uri(self, name: str, token: str = "noisetamer", pin: Path | None = None) -> str:
        """Of the key of that name."""
        return (
            f"pkcs11:token={token};object={name}?module-path={self.module}"
            f"&pin-source=file:{pin or self.pin}"
        )


@cache
def soft_token(folder: Path) -> SoftToken:
    """One for this process: the library reads where it is once. Skips where it is missing."""
    module = next((path for path in MODULES if path.exists()), None)
    if module is None:
        pytest.skip("SoftHSM is not installed (Debian: softhsm2)")
    tokens = folder / "tokens"
    tokens.mkdir(parents=True)
    (folder / "conf").write_text(f"directories.tokendir = {tokens}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    words = ["--init-token", "--free", "--label", "noisetamer", "--so-pin", "12345678"]
    subprocess.run(
        ["softhsm2-util", *words, "--pin", "1234"],
        check=True,
        capture_output=True,
        timeout=DEADLINE,
    )
    pin = folder / "pin"
    pin.write_text("1234\n")
    pin.chmod(0o600)
    return SoftToken(folder, module, pin)
