"""The box and the host come to the same verdict, word for word."""

import json
import subprocess
from array import array

import numpy as np
import pytest
from examination import BLOCK
from folders import ON_BOX
from signal_faults import ANY, FAULTS, SHOWS_IN
from square_sounds import MAKERS, QUIET, healthy

from noisetamer.base.paths import FIRMWARE, micropython
from tamer.hear.diagnosis.diagnose import Diagnosis

pytestmark = pytest.mark.device


def captures():
    """(channels, slot, elapsed, quiet, words) of every fault, of healthy sounds, of two slots."""
    for fault in FAULTS:
        for seed, (sound, level) in enumerate(SHOWS_IN.get(fault, ANY)[:2]):
            words = fault(healthy(sound, level, seed), np.random.default_rng(seed))
            yield 1, 0, None, False, words
    for sound in (*MAKERS, QUIET):
        yield 1, 0, 1.0, sound == QUIET, healthy(sound, 60, 1)
    yield 1, 0, 2.0, True, healthy("music", 60, 1)
    both = np.stack([healthy("music", 70, 1), np.zeros_like(healthy("music", 70, 1))], axis=1)
    yield 2, 0, None, False, both.ravel()
    yield 2, 1, None, False, both.ravel()


def here(channels, slot, elapsed, quiet, words):
    diagnosis = Diagnosis(channels=channels, slot=slot)
    for at in range(0, len(words), BLOCK):
        diagnosis.listen(array("i", words[at : at + BLOCK].tobytes()), BLOCK)
    return [list(found) for found in diagnosis.findings(elapsed, quiet)]


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """(findings of each capture, the most bytes a block took) in the unix port."""
    path = tmp_path_factory.mktemp("captures") / "captures"
    plan, words = [], []
    for *how, heard in captures():
        plan.append([*how, len(heard) // BLOCK])
        words.append(heard.astype("<i4").tobytes())
    path.write_bytes(json.dumps(plan).encode() + b"\n" + b"".join(words))
    lines = subprocess.run(
        [*micropython(), "-X", "heapsize=160wK", ON_BOX / "examine_captures.py", path],
        env={"MICROPYPATH": f"{FIRMWARE}:.frozen"},
        capture_output=True,
        check=True,
    ).stdout.splitlines()
    return [json.loads(line) for line in lines[:-1]], int(lines[-1])


def test_the_unix_port_gives_the_same_sentences(there):
    assert there[0] == [here(*capture) for capture in captures()]


def test_a_block_allocates_next_to_nothing(there):
    assert there[1] < 2500
