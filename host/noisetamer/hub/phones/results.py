"""What became of a call, in words: channels say a key, and after it what a service said. Pure."""

from noisetamer.hub.words.i18n import Texts


def told(detail: str, texts: Texts) -> str:
    """A sentence for people, with what they can do about it."""
    key, _, rest = detail.partition(": ")
    words = texts.get(f"phone_result_{key}")
    if words is None:
        return f"{key}: {told(rest, texts)}" if rest else detail
    if key == "partly":
        rest = told(rest, texts)
    return texts["phone_result_of"].format(words=words, said=rest) if rest else words
