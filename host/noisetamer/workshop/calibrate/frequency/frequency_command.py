"""`noisetamer calibrate frequency`: the equaliser, from a noise beside a reference microphone."""

import argparse
from pathlib import Path

import numpy as np

from noisetamer.base.language import say
from noisetamer.sound.design import equaliser
from noisetamer.workshop.calibrate import common_options
from noisetamer.workshop.calibrate.certificate.publish import history, issue, refusals_entered
from noisetamer.workshop.calibrate.frequency import equaliser_fit, spectrum
from noisetamer.workshop.calibrate.frequency.spectrum import Spectrum

_NOTE = "Calibrate the level again: an offset found beside a meter held for the old equaliser."


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", type=Path, help="WAV of the unit's microphone, raw")
    parser.add_argument(
        "--against",
        type=Path,
        required=True,
        metavar="WAV|CSV",
        help="the same noise: the reference microphone's WAV, or frequency_Hz,level_dB",
    )
    parser.add_argument(
        "--response",
        type=Path,
        metavar="CSV",
        help="of the reference microphone: frequency_Hz,response_dB (default flat)",
    )
    parser.add_argument(
        "--background", type=Path, metavar="WAV", help="of the unit, without the noise"
    )
    common_options.add(parser)


def run(arguments: argparse.Namespace) -> int:
    run = common_options.calibration_run(arguments)
    instrument = common_options.instrument(arguments)
    history(run, instrument.serial)
    samples = spectrum.samples_of(arguments.recording)
    with refusals_entered(run, instrument.serial):
        fitted = equaliser_fit.fit(
            spectrum.of_samples(samples),
            _reference(arguments),
            lambda chosen: spectrum.of_samples(samples, chosen),
            spectrum.of_samples(spectrum.samples_of(arguments.background))
            if arguments.background
            else None,
        )
        result = equaliser_fit.result(fitted, [_NOTE])
    worst, at = fitted.worst
    left = say(f"{len(fitted.equaliser[1])} shelves, {worst:.2f} dB left at {at:.0f} Hz")
    print(f"{instrument.serial}{say(': ')}{left}")
    for hertz, before, after in zip(fitted.frequencies, fitted.before, fitted.after, strict=True):
        print(f"  {hertz:7.0f} Hz {before:+7.2f} {after:+7.2f} dB")
    for sentence in issue(run, result, instrument, common_options.files(arguments), None):
        print(f"  {say(sentence)}")
    return 0


def _reference(arguments: argparse.Namespace) -> Spectrum:
    if arguments.against.suffix.lower() == ".csv":
        heard = spectrum.of_csv(arguments.against)
    else:
        heard = spectrum.of_samples(spectrum.samples_of(arguments.against))
    if arguments.response is None:
        return heard
    response = equaliser.read(arguments.response)
    at = np.interp(np.log(spectrum.MID_BANDS_HZ), np.log(response.frequencies), response.levels)
    return Spectrum(heard.levels - at, heard.error)
