"""Flashes cut off at random bytes: `python tests/bench/flashes_cut.py [BOARD [PLACES [SEED]]]`.

In each step so many boards whose cable is pulled, and as many whose host is killed. Each is
flashed by the same command again, and held to what an undisturbed board is. Ends at the first
that is not.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import cut_flashes

from noisetamer.unit.boards import board_file

_BOARD, _PLACES, _SEED = "esp32_s3", "40", "1"
_BOARDS_AT_A_TIME = 24


def main(board: str, in_a_step: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run = cut_flashes.undisturbed(folder / "undisturbed", board_file.read(board))
        for kind in ("drop", "hang-up"):
            places = cut_flashes.places(run, in_a_step, seed)
            for i in range(0, len(places), _BOARDS_AT_A_TIME):
                some = places[i : i + _BOARDS_AT_A_TIME]
                cut_flashes.must_resume(folder / f"{kind}-{i}", run, kind, some)
                done = min(i + _BOARDS_AT_A_TIME, len(places))
                print(f"{kind}: {done} of {len(places)} units whole", flush=True)


if __name__ == "__main__":
    words = sys.argv[1:]
    board, in_a_step, seed = (*words, *(_BOARD, _PLACES, _SEED)[len(words) :])
    main(board, int(in_a_step), int(seed))
