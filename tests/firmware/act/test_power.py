"""Brightness within what the supply has. Runs in both Pythons."""

import pytest

from tamer.act.power import Budget, Power

pytestmark = pytest.mark.pure

HUES = ((0, 1, 0), (2, 1, 0), (1, 0, 0), (1, 1, 1))


def drawn_mA(power, pixels, hue, lit, steps):
    one = sum([hue[i] * steps * power.pixel_mA[i] / 255 for i in range(3)])
    return power.idle_mA * pixels + lit * one


def test_no_number_of_lit_leds_ever_draws_more_than_there_is():
    for power in (Power(1000, (12, 12, 12), 1), Power(600, (20, 16.5, 11), 0.6)):
        for hue in HUES:
            budget = Budget(power, 256, hue)
            for lit in range(257):
                steps = budget.steps(lit)
                assert steps >= 1
                assert drawn_mA(power, 256, hue, lit, steps) <= power.leds_mA
                # One step more would be too much, or brighter than an LED can be.
                assert max(hue) * (steps + 1) > 255 or (
                    drawn_mA(power, 256, hue, lit, steps + 1) > 0.97 * power.leds_mA
                )


def test_with_a_strong_supply_an_led_is_as_bright_as_it_can_be():
    assert Budget(Power(60000, (12, 12, 12), 1), 256, (1, 0, 0)).steps(256) == 255
    assert Budget(Power(60000, (12, 12, 12), 1), 256, (2, 1, 0)).steps(256) == 127


def test_a_supply_that_cannot_light_them_all_at_their_dimmest_is_refused():
    for leds_mA in (100, 256, 292):
        try:
            Budget(Power(leds_mA, (12, 12, 12), 1), 256, (2, 1, 0))
        except ValueError as wrong:
            reason = "power: 256 LEDs need 293 mA at their dimmest, the board has %d mA for them"
            assert str(wrong) == reason % leds_mA
        else:
            raise AssertionError(f"{leds_mA} mA were taken")
    Budget(Power(293, (12, 12, 12), 1), 256, (2, 1, 0))
