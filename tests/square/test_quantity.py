"""Quantities are read as people write them."""

import pytest

from noisetamer.square import quantity


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("0.6 s", 0.6), ("20m", 1200), ("2h", 7200), ("1h30m", 5400), ("7d", 604_800)],
)
def test_a_time_span_may_mix_units_and_m_is_minutes(text, seconds):
    assert quantity.duration(text) == seconds


def test_levels_lengths_and_frequencies_carry_their_unit():
    assert quantity.level("75 dB") == 75
    assert quantity.level("-3.5dB(A)") == -3.5
    assert quantity.full_scale_level("-26 dBFS") == -26
    assert quantity.length("80 cm") == pytest.approx(0.8)
    assert quantity.frequency("1 kHz") == 1000


def test_a_time_of_day_counts_from_midnight():
    assert quantity.clock("19:05") == 19 * 3600 + 300


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (quantity.level, 75, 'is the bare number 75: add the unit in quotes, like "75 dB"'),
        (quantity.level, "75", '"75" has no unit: write it like "75 dB"'),
        (quantity.level, "75 m", 'has the unit "m" where dB or dB(A) or dBA is needed'),
        (quantity.level, "loud", '"loud" is not a level: write it like "75 dB"'),
        (quantity.length, "8 dB", 'has the unit "dB" where m or mm or cm or km is needed'),
        (quantity.duration, "20 minutes", '"20 minutes" is not a time span'),
        (quantity.duration, "", 'is not a quantity: write it in quotes, like "20m"'),
        (quantity.clock, "25:00", '"25:00" is not a time of day: write it like "19:00"'),
        (quantity.level, [75], 'is not a quantity: write it in quotes, like "75 dB"'),
    ],
)
def test_a_wrong_quantity_says_how_to_write_it(read, text, sentence):
    with pytest.raises(ValueError) as refused:
        read(text)
    assert sentence in str(refused.value)
