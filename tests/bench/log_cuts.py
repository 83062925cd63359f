"""The log through power cuts and kills.

    python tests/bench/log_cuts.py [CUTS] [KILLS]

Power cuts are simulated: at a write, sync or rename that chance says, with what was not synced
torn or gone. Kills are real: a process that writes is killed with -9. After each, what was
acknowledged is there, what a checkpoint names is there, and every checkpoint that was shown has
grown into the next. Exit code 1 at the first that is not so.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from log_cuts import KEY, lives

from noisetamer.hub.log.comparison import compare
from noisetamer.hub.log.log import Log
from noisetamer.proof import notes
from noisetamer.proof.checkpoint import checkpoint_of
from noisetamer.proof.merkle import verify_consistency

_CUTS_A_LIFE = 25


def writer(folder: Path, seed: int) -> None:
    """Appends and signs until it is killed; a line for each that it was told is on the disk."""
    chance = random.Random(seed)
    log = Log(folder / "log", folder / "log.sqlite", KEY)
    while True:
        log.append({"kind": "look", "by": str(n)} for n in range(chance.randrange(1, 400)))
        print(json.dumps([log.size, log.checkpoint()]), flush=True)


def kills(folder: Path, count: int) -> int:
    """How many leaves the log has that was killed so often. Raises AssertionError."""
    chance = random.Random(count)
    size = 0
    for seed in range(count):
        program = [sys.executable, __file__, "--write", str(folder), str(seed)]
        process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        told = [json.loads(process.stdout.readline())]
        end = time.monotonic() + chance.random() * 0.3
        while time.monotonic() < end:
            told.append(json.loads(process.stdout.readline()))
        process.kill()
        rest = process.communicate()[0].splitlines(keepends=True)
        told += [json.loads(line) for line in rest if line.endswith("\n")]
        with closing(Log(folder / "log", folder / "log.sqlite", KEY)) as log:
            size = log.size
            assert size >= told[-1][0], "an acknowledged leaf is gone"
            now = checkpoint_of(notes.parse(log.checkpoint()).text)
            for _, note in told[-3:]:
                old = checkpoint_of(notes.parse(note).text)
                proof = log.consistency(old.size, now.size)
                verify_consistency(old.size, now.size, proof, old.root, now.root)
            assert not log.mended, log.mended
        ill = [said.text for said in compare(folder) if said.ill]
        assert not ill, ill
    return size


def main() -> int:
    if sys.argv[1:2] == ["--write"]:
        writer(Path(sys.argv[2]), int(sys.argv[3]))
    cuts, killed = (int(word) for word in (*sys.argv[1:], "1000", "50")[:2])
    leaves = 0
    for seed in range(-(-cuts // _CUTS_A_LIFE)):
        with tempfile.TemporaryDirectory() as folder:
            leaves += lives(Path(folder), seed, min(_CUTS_A_LIFE, cuts - seed * _CUTS_A_LIFE))
    print(f"{cuts} power cuts, {leaves} leaves: nothing that was signed or acknowledged is gone")
    with tempfile.TemporaryDirectory() as folder:
        leaves = kills(Path(folder), killed)
    print(f"{killed} kills, {leaves} leaves: nothing that was signed or acknowledged is gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
