"""Whether what a synthesiser is about to say is the text: one syllable for each character."""

import re
import unicodedata

from noisetamer.base.errors import UserError

# A stretch in another language, as espeak-ng marks it in its phonemes: "(en)w'eIt(cmn)".
_FOREIGN = re.compile(r"\((?!cmn\))[a-z-]+\).*?(?:\(cmn\)|$)")
# Every Mandarin syllable ends in its tone: 11 (none), 21, 35, 51, 55, 214.
_TONE = re.compile(r"\d+")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
# These make a pause or nothing; any other sign would be left out, or named in English.
_PUNCTUATION = "，。、；：！？…—·（）《》〈〉「」『』“”‘’()\"'-"


def is_chinese(character: str) -> bool:
    return "\u3400" <= character <= "\u4dbf" or "\u4e00" <= character <= "\u9fff"


def must_be_words(text: str, words: str, language: str) -> None:
    """words: the text as it is to be spoken. Raises UserError where a sign has no words."""
    if language == "zh":
        signs = [one for one in words if not (_is_spoken(one) or one in _PUNCTUATION)]
    else:
        signs = [one for one in words if not (_is_english(one) or one in _PUNCTUATION)]
    if signs:
        raise UserError(
            f'"{text}": "{signs[0]}" would not be spoken; write it in '
            f"{'Chinese' if language == 'zh' else 'English'} words"
        )


def must_be_the_text(text: str, words: str, phonemes: str, language: str) -> None:
    """Raises UserError. words: the text as it is spoken; phonemes: espeak-ng's mnemonics."""
    if language != "zh":
        return
    foreign = _FOREIGN.findall(phonemes)
    if len(foreign) > len(_LATIN_WORD.findall(words)):
        raise UserError(
            f'"{text}": part of it would be read in another language, as gibberish; write it in '
            "other characters, or record it (noisetamer voice add)"
        )
    said = len(_TONE.findall(_FOREIGN.sub(" ", phonemes)))
    wanted = sum(map(is_chinese, words))
    if said != wanted:
        raise UserError(
            f'"{text}": has {wanted} syllables, {said} would be spoken; write it in other '
            "characters, or record it (noisetamer voice add)"
        )


def _is_english(character: str) -> bool:
    """Letters with accents too: names have them."""
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN ")


def _is_spoken(character: str) -> bool:
    latin = character.isascii() and character.isalpha()
    return latin or character.isspace() or is_chinese(character)
