"""Which octave bank a unit runs: the FPU's where the chip has one that answers right, the
fixed-point one where it does, else viper's; none where the chip has no time for it."""

from tamer.hear.kernel import kernels, self_test

# Of an energy: 0.09 dB; and in steps of 24 bits squared, of low bands that have hardly begun.
_TOLERANCE, _NEAR = 0.02, 1.0
_SAMPLES = 960


def bank(wanted, equaliser=(1.0, ()), kernel="int"):
    """(bank, what is wrong with it, why there is none): None and "" where nothing is.

    `wanted`: "octaves", "third-octaves", or None for no bank. `kernel`: the name of the one it
    runs beside.
    """
    if not wanted:
        return None, "", ""
    third_octaves = wanted == "third-octaves"
    verdict = ""
    made = None
    for name in ("fpu", "fixed") if kernels.has_fpu() else ("fixed",):
        try:
            make = _machine_bank(name)
            if _answers_right(make(third_octaves), third_octaves):
                made = make(third_octaves, equaliser)
                break
            verdict += "the %s octave bank answers wrong; " % name
        except ImportError:
            # Of an architecture for which there is none.
            pass
        except ValueError as wrong:
            verdict += "the %s octave bank does not load: %s; " % (name, wrong)
    if made is None:
        made = _viper_bank()(third_octaves, equaliser)
    if verdict:
        verdict += "%s bank" % made.name
    refusal = _refusal(wanted, kernel, made.name) if kernels.chip() else ""
    return None if refusal else made, verdict, refusal


def _refusal(wanted, kernel, name):
    # A unit without bands has no need of it.
    from tamer.hear import load

    return load.refusal(wanted, kernel, name)


def _machine_bank(name):
    if name == "fpu":
        from tamer.hear.bands.octaves_fpu import Bank
    else:
        from tamer.hear.bands.octaves_fixed import Bank
    return Bank


def _viper_bank():
    from tamer.hear.bands.octaves_int import Bank

    return Bank


def _answers_right(bank, third_octaves):
    """Whether it finds in the kernels' vector what viper's bank finds."""
    reference = _viper_bank()(third_octaves)
    vector = self_test.vector()
    for each in (bank, reference):
        each.run(vector, _SAMPLES)
    for found, expected in zip(bank.take(), reference.take()):
        if abs(found - expected) > _TOLERANCE * expected + _NEAR:
            return False
    return True
