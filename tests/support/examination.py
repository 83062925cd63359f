"""One diagnosis of an array of words, block by block, as on the box."""

from array import array

from tamer.hear.diagnosis.diagnose import Diagnosis

BLOCK = 2400


def codes(words, *, block=BLOCK, elapsed=None, quiet=False, **options):
    """The codes found, the leading one first. `words`: int32[n], or [n, 2] for two slots."""
    channels = 1 if words.ndim == 1 else 2
    diagnosis = Diagnosis(channels=channels, **options)
    for at in range(0, len(words), block):
        piece = words[at : at + block]
        diagnosis.listen(array("i", piece.tobytes()), piece.size)
    return [finding.code for finding in diagnosis.findings(elapsed, quiet)]
