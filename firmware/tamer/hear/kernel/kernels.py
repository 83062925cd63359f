"""Which kernel this chip runs: the first that loads and passes its test, of the FPU's where there
is one, the fixed-point one on any chip of ours, and viper's."""

import gc
import sys

from tamer.hear.kernel import self_test


def best(blocks, equaliser=(1.0, ())):
    """(kernel, verdict of the self-test): "passed", or what was wrong.

    `blocks`: the most blocks between two calls of `take`. `equaliser`: the microphone's.
    """
    codes = machine_codes(_fpu, _fixed)
    kernel, verdict = first_right(codes, "kernel", self_test.passes)
    # What is made now stays for good: it is to lie where the test's memory was, not behind it.
    gc.collect()
    if kernel:
        return kernel(blocks, equaliser), verdict or "passed"
    # Loaded only here: where machine code runs, viper's takes no memory.
    from tamer.hear.kernel import kernel_int

    if self_test.passes(kernel_int.Kernel):
        verdict = verdict + "integer kernel" if verdict else "passed"
    else:
        verdict += "the integer kernel answers wrong"
    gc.collect()
    return kernel_int.Kernel(blocks, equaliser), verdict


def machine_codes(fpu, fixed):
    """What of these this chip may try, the fastest first: (name, how it is loaded) each."""
    codes = [("fixed-point", fixed)] if chip() else []
    return [("FPU", fpu)] + codes if has_fpu(chip()) else codes


def first_right(codes, what, is_right):
    """(the first of `machine_codes` that loads and is right, or None; what is wrong with those
    before it, and which it is: "" if it is the first)."""
    wrong = ""
    for name, load in codes:
        try:
            made = load()
            if is_right(made):
                return made, "%s%s %s" % (wrong, name, what) if wrong else ""
            wrong += "the %s %s answers wrong; " % (name, what)
        except Exception as reason:
            # Whatever is in the file: there is another way to measure.
            wrong += "the %s %s does not load: %s; " % (name, what, reason)
    return None, wrong


def _fpu():
    from tamer.hear.kernel.kernel_fpu import Kernel

    return Kernel


def _fixed():
    from tamer.hear.kernel.kernel_fixed import Kernel

    return Kernel


def has_fpu(chip):
    """Whether a chip, by the name that the port gives it, has an FPU that our machine code is
    for. The one place that knows; flashing and the board check ask it."""
    return chip in ("ESP32", "ESP32S3")


def chip():
    """This chip's name as the port has it, the last word of "... module with ESP32S3"; "" where
    this is no such chip but a computer."""
    name = getattr(sys.implementation, "_machine", "").split(" ")[-1]
    return name if name.startswith("ESP32") else ""
