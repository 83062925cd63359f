"""What happened, in one file that proves itself: the evidence bundle.

Its form, to the byte, is `noisetamer/proof/BUNDLE.md`; `noisetamer/proof/verify_evidence.py` reads
it without any of this. Everything in its tables is made anew of the records that lie beside them.
"""
