"""Which kernel this chip runs: the FPU's where it has one that passes its test, else integers."""

import sys

from tamer.hear.kernel import kernel_int, self_test

# Chips whose machine code we have. The ESP32-S2 would load it too, but has no FPU.
_WITH_FPU = ("ESP32", "ESP32S3")


def best(blocks, equaliser=(1.0, ())):
    """(kernel, verdict of the self-test): "passed", or what was wrong.

    `blocks`: the most blocks between two calls of `take`. `equaliser`: the microphone's.
    """
    verdict = ""
    if has_fpu():
        try:
            from tamer.hear.kernel import kernel_fpu

            if self_test.passes(kernel_fpu.Kernel(1)):
                return kernel_fpu.Kernel(blocks, equaliser), "passed"
            verdict = "the FPU kernel answers wrong; "
        except (ImportError, ValueError) as wrong:
            verdict = "the FPU kernel does not load: %s; " % wrong
    if self_test.passes(kernel_int.Kernel(1)):
        verdict = verdict + "integer kernel" if verdict else "passed"
    else:
        verdict += "the integer kernel answers wrong"
    return kernel_int.Kernel(blocks, equaliser), verdict


def has_fpu():
    """Whether this chip has an FPU that our machine code is for."""
    return chip() in _WITH_FPU


def chip():
    """This chip's name as the port has it, the last word of "... module with ESP32S3"; "" where
    this is no such chip but a computer."""
    name = getattr(sys.implementation, "_machine", "").split(" ")[-1]
    return name if name.startswith("ESP32") else ""
