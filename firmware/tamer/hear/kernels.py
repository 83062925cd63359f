"""Which kernel this chip runs."""

from tamer.hear import kernel_int


def best(blocks):
    """A kernel that takes up to `blocks` blocks between two calls of `take`."""
    return kernel_int.Kernel(blocks)
