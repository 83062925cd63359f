"""What pyproject.toml cannot say: a wheel takes the firmware and the board files along."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

_ROOT = Path(__file__).parent
_NOT_NEEDED = shutil.ignore_patterns("__pycache__", "*.md", "pictures", "pyrightconfig.json")


class BuildWithBoxFiles(build_py):
    """Puts them where `noisetamer.base.paths` looks for them outside a checkout."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for name in ("firmware", "boards"):
            target = Path(self.build_lib, "noisetamer", "shipped", name)
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(_ROOT / name, target, ignore=_NOT_NEEDED)


setup(cmdclass={"build_py": BuildWithBoxFiles})
