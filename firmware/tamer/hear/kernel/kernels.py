"""Which kernel this chip runs: the first that loads and passes its test, of the FPU's where there
is one, the fixed-point one on any chip of ours, and viper's."""

import sys

from tamer.hear.kernel import self_test

# Chips whose machine code we have. The ESP32-S2 would load it too, but has no FPU.
_WITH_FPU = ("ESP32", "ESP32S3")


def best(blocks, equaliser=(1.0, ())):
    """(kernel, verdict of the self-test): "passed", or what was wrong.

    `blocks`: the most blocks between two calls of `take`. `equaliser`: the microphone's.
    """
    verdict = ""
    for title, load in _machine_codes():
        try:
            kernel = load()
            if self_test.passes(kernel(1)):
                verdict = verdict + title if verdict else "passed"
                return kernel(blocks, equaliser), verdict
            verdict += "the %s answers wrong; " % title
        except (ImportError, ValueError) as wrong:
            verdict += "the %s does not load: %s; " % (title, wrong)
    # Loaded only here: where machine code runs, viper's takes no memory.
    from tamer.hear.kernel import kernel_int

    if self_test.passes(kernel_int.Kernel(1)):
        verdict = verdict + "integer kernel" if verdict else "passed"
    else:
        verdict += "the integer kernel answers wrong"
    return kernel_int.Kernel(blocks, equaliser), verdict


def _machine_codes():
    codes = []
    if has_fpu():
        codes.append(("FPU kernel", _fpu))
    if chip():
        codes.append(("fixed-point kernel", _fixed))
    return codes


def _fpu():
    from tamer.hear.kernel.kernel_fpu import Kernel

    return Kernel


def _fixed():
    from tamer.hear.kernel.kernel_fixed import Kernel

    return Kernel


def has_fpu():
    """Whether this chip has an FPU that our machine code is for."""
    return chip() in _WITH_FPU


def chip():
    """This chip's name as the port has it, the last word of "... module with ESP32S3"; "" where
    this is no such chip but a computer."""
    name = getattr(sys.implementation, "_machine", "").split(" ")[-1]
    return name if name.startswith("ESP32") else ""
