"""Which octave bank a unit runs: the FPU's where the chip has one that answers right, the
fixed-point one where it does, else viper's; none where the chip has no time for it."""

from tamer.hear.kernel import kernels, self_test

# Of an energy: 0.09 dB; and in steps of 24 bits squared, of low bands that have hardly begun.
_TOLERANCE, _NEAR = 0.02, 1.0
_SAMPLES = 960

# What viper's bank finds in the vector of the kernels' self-test: octaves, third-octaves. To ask
# it would load it, and the memory of its code is not given back; as text it is the least.
ANSWERS = (
    "98.1338 5.12707e6 6.4506e8 3.7796e9 4.40450e10 6.86401e10 1.697217e11 3.538083e11"
    " 6.863458e11 1.310363e12 2.507719e12",
    "0.0977 0.2822 0.7119 7823.91 17737.6 27800.1 2.86765e6 3.71839e6 1.361533e7 6.764258e7"
    " 7.582795e7 8.738577e7 6.281982e8 5.413848e9 3.212442e10 1.704376e10 1.241939e10"
    " 1.575589e10 4.493958e10 7.127063e10 2.872187e10 7.245250e10 9.037612e10 1.947681e11"
    " 1.724355e11 2.346572e11 2.511594e11 3.511159e11 3.536079e11 5.548551e11 8.193253e11"
    " 7.955667e11 9.690187e11",
)


def bank(wanted, equaliser=(1.0, ()), kernel="int"):
    """(bank, what is wrong with it, why there is none): None and "" where nothing is.

    `wanted`: "octaves", "third-octaves", or None for no bank. `kernel`: the name of the one it
    runs beside.
    """
    if not wanted:
        return None, "", ""
    third_octaves = wanted == "third-octaves"
    make, verdict = kernels.first_right(
        kernels.machine_codes(_fpu, _fixed),
        "octave bank",
        lambda make: _answers_right(make(third_octaves), third_octaves),
    )
    if make is None:
        make = _viper()
        if verdict:
            verdict += "integer octave bank"
    refusal = _refusal(wanted, kernel, make.name, equaliser) if kernels.chip() else ""
    return None if refusal else make(third_octaves, equaliser), verdict, refusal


def _refusal(wanted, kernel, name, equaliser):
    # A unit without bands has no need of it.
    from tamer.hear import load

    return load.refusal(wanted, kernel, name, shelves=len(equaliser[1]))


def _fpu():
    from tamer.hear.bands.octaves_fpu import Bank

    return Bank


def _fixed():
    from tamer.hear.bands.octaves_fixed import Bank

    return Bank


def _viper():
    from tamer.hear.bands.octaves_int import Bank

    return Bank


def _answers_right(bank, third_octaves):
    """Whether it finds in the kernels' vector what is in it."""
    bank.run(self_test.vector(), _SAMPLES)
    for found, answer in zip(bank.take(), ANSWERS[third_octaves].split()):
        right = float(answer)
        if abs(found - right) > _TOLERANCE * right + _NEAR:
            return False
    return True
