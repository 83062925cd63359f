"""Honest histories of a chained unit: `python tests/bench/honest_histories.py [HOW MANY [FROM]]`.

Prints each that raised a false alarm, or was called edited afterwards, and how many did.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from chained_hub import histories


def main(how_many: int, first: int) -> int:
    wrong = 0
    for seed in range(first, first + how_many):
        with tempfile.TemporaryDirectory() as folder:
            try:
                histories([seed], lambda _, folder=folder: Path(folder))
            except AssertionError as error:
                wrong += 1
                print(error)
    print(f"{how_many} histories, {wrong} false alarms")
    return 1 if wrong else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    raise SystemExit(main(*(numbers + [1000, 0][len(numbers) :])))
