"""The messages in the repository: complete, as loud as each other, and reproducible."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from noisetamer.base.paths import FIRMWARE
from noisetamer.unit.voice import catalogue, check_tones, shipped_messages
from noisetamer.unit.voice.check import LONGEST_S
from noisetamer.unit.voice.prepare import loudness
from tamer.hear.self_check.self_check import SHIPPED as SHIPPED_PLAN
from tamer.hear.self_check.self_check import name_of

pytestmark = pytest.mark.tools

SHIPPED = FIRMWARE / "voices"
EVERYTHING = catalogue.entries(SHIPPED)
# Tones have no language.
ENTRIES = {name: entry for name, entry in EVERYTHING.items() if entry.language}


def test_a_polite_and_a_firm_one_are_there_in_both_languages():
    assert ENTRIES.keys() == {"polite_zh", "polite_en", "warning_zh", "warning_en"}
    assert ENTRIES["warning_zh"].text == "音量已超过国家规定最大限值,为了他人正常生活,请降低音量"
    assert {name: entry.language for name, entry in ENTRIES.items()} == {
        name: name[-2:] for name in ENTRIES
    }


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_table_and_file_agree(name: str):
    decoded, rate = soundfile.read(SHIPPED / f"{name}.wav")
    samples = np.asarray(decoded, np.float64)
    entry = ENTRIES[name]
    assert soundfile.info(SHIPPED / f"{name}.wav").subtype == "IMA_ADPCM"
    assert len(samples) / rate == pytest.approx(entry.length, abs=0.07)
    assert loudness(samples) == pytest.approx(entry.loudness, abs=0.1)
    assert entry.loudness == pytest.approx(-18, abs=0.2)
    assert np.abs(samples).max() < 1
    assert entry.length <= LONGEST_S


def test_the_tones_of_the_nightly_check_are_there_and_made_as_the_tool_makes_them(tmp_path: Path):
    tones = {name_of(hertz) for hertz in SHIPPED_PLAN.tones}
    assert EVERYTHING.keys() - ENTRIES.keys() == tones
    check_tones.make(tmp_path)
    for name in tones:
        again, shipped = (
            soundfile.read(folder / f"{name}.wav")[0] for folder in (tmp_path, SHIPPED)
        )
        assert np.std(again - shipped) < 0.001


def test_the_same_version_of_espeak_makes_the_same_messages_again(tmp_path: Path):
    shipped_messages.make(tmp_path)
    assert catalogue.entries(tmp_path) == ENTRIES
    for name in ENTRIES:
        again, shipped = (
            soundfile.read(folder / f"{name}.wav")[0] for folder in (tmp_path, SHIPPED)
        )
        # Another processor may round another way.
        assert np.std(again - shipped) < 0.001
