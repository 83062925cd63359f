"""One examination of an array of words, block by block, as on the box."""

from array import array

from tamer.hear.diagnosis.diagnose import Doctor

BLOCK = 2400


def codes(words, *, block=BLOCK, elapsed=None, quiet=False, **doctor):
    """The codes found, the leading one first. `words`: int32[n], or [n, 2] for two slots."""
    channels = 1 if words.ndim == 1 else 2
    patient = Doctor(channels=channels, **doctor)
    for at in range(0, len(words), block):
        piece = words[at : at + block]
        patient.listen(array("i", piece.tobytes()), piece.size)
    return [found.code for found in patient.findings(elapsed, quiet)]
