"""The reader's language: English as the code says it, or what a catalogue has for it.

Sentences are English wherever they are made, kept and read by machines: in the ledger, in signed
results, in JSON. Whoever shows one to a person says it through `say`, which knows a sentence
again when its places are filled. So what was kept in one language is read in another.
"""

from noisetamer.base.language.reader import (
    LANGUAGES,
    WEEKDAYS,
    chosen,
    of_locale,
    plain,
    say,
    say_in,
    speak,
)

__all__ = ["LANGUAGES", "WEEKDAYS", "chosen", "of_locale", "plain", "say", "say_in", "speak"]
