"""Names that people type: as they are kept, as they are compared; and what cannot be done."""

import unicodedata

from noisetamer.base.errors import WordedError


class AccountError(WordedError):
    """What cannot be done with an account, or a district."""


def key_of(name: str) -> str:
    """How names are compared: 'Ｌi' is 'li'."""
    return cleaned(name).casefold()


def cleaned(text: str) -> str:
    """One line of what can be shown: no control characters, no override of direction."""
    normal = unicodedata.normalize("NFKC", text)
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in normal)
    return " ".join(shown.split())
