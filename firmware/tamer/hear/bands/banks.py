"""Which octave bank a unit runs: the FPU's where the chip has one, else integers."""

from tamer.hear.kernel import kernels


def bank(wanted, equaliser=(1.0, ())):
    """The band filters a unit is set to: "octaves", "third-octaves", or None for none."""
    if not wanted:
        return None
    if kernels.has_fpu():
        try:
            from tamer.hear.bands.octaves_fpu import Bank

            return Bank(wanted == "third-octaves", equaliser)
        except (ImportError, ValueError):
            pass
    from tamer.hear.bands.octaves_int import Bank

    return Bank(wanted == "third-octaves", equaliser)
