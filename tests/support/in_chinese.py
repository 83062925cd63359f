"""A verb run with `--lang zh`, and what of its words is English all the same."""

import re

from program import Ran, run

from noisetamer.base import language

_NO_SENTENCE = re.compile(
    r"--[a-z-]+"  # options
    r"|\b[0-9a-f]{12}\b"  # hashes
    # fingerprints, before times: three digits and a "d" of one look like days
    r"|\b[0-9a-f]{4}(?: [0-9a-f]{4}){15}\b"
    r"|\b\w+ = (?:\w+|\"[^\"]*\")"  # a key and its value
    r"|\"[^\"]*\"|'[^' ]*'"  # what was written
    r"|'?\bnoisetamer( [a-z0-9-]+)+"  # what is to be typed
    r"|\S*[/\\]\S*|\S+\.(?:sqlite|toml|csv|xlsx|txt|pem|zip|pdf|list|pub|release|json)\b"  # paths
    r"|\b\d[\d.]* ?(?:s|min|h|d)\b"
)


def run_in_chinese(*words: object) -> Ran:
    try:
        return run(*words, "--lang", "zh")
    finally:
        language.speak("en")


def english_in(said: Ran | str, *names: str) -> list[str]:
    """Small words, of both streams, that are of no option, command, path or unit. names: which
    may be said as they are."""
    text = said if isinstance(said, str) else "\n".join([said.out, *said.wrong])
    # "noisetamer VERB: " is the program's own name before what it complains of
    text = re.sub(r"^noisetamer(?: [a-z-]+)?: ", "", text, flags=re.MULTILINE)
    text = _NO_SENTENCE.sub("·", text)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "·")
    return re.findall(r"(?<![A-Za-z0-9_.])[a-z]{2,}(?![A-Za-z0-9_])", text)
