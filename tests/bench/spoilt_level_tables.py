"""The reader of level tables over spoilt files, for as long as one likes; no test.

    .venv/bin/python tests/bench/spoilt_level_tables.py [FILES] [SEED]

Ends with 1 and the file where one is neither read nor refused in one sentence.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from level_files import KINDS, Evening
from spoilt_level_files import spoilt, written

from noisetamer.base.errors import UserError
from noisetamer.sound import level_tables


def main() -> int:
    files, seed = (int(word) for word in [*sys.argv[1:], "10000", "1"][:2])
    kinds = list(KINDS)
    whole = {kind: written(kind, Evening(count=60)) for kind in kinds}
    ended: Counter[str] = Counter()
    slowest = 0.0
    path = Path(tempfile.mkdtemp()) / "file"
    for number in range(files):
        chance = np.random.default_rng([seed, number])
        path.write_bytes(spoilt(whole[kinds[number % len(kinds)]], chance))
        begun = time.perf_counter()
        try:
            table = level_tables.read(path, near=1795431600.0)
            assert np.all(np.diff(table.t) > 0) and np.all(np.isfinite(table.level))
            ended["read"] += 1
        except UserError as refused:
            assert "\n" not in str(refused), str(refused)
            ended["refused"] += 1
        except BaseException:
            kept = Path(tempfile.gettempdir()) / f"spoilt_level_table_{seed}_{number}"
            kept.write_bytes(path.read_bytes())
            print(f"{kinds[number % len(kinds)]}, file {number}: kept as {kept}")
            raise
        slowest = max(slowest, time.perf_counter() - begun)
    print(f"{files} files: {dict(ended)}, the slowest {slowest:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
