"""A written text as somebody would read it aloud: numbers, times, decibels."""

import re
import unicodedata

_DECIBELS = re.compile(r"dB\s*(?:\(\s*([AaCcZz])\s*\)|([AaCcZz])(?![A-Za-z]))?(?![A-Za-z])", re.I)

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DATE = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-4])[:：]([0-5]\d)(?!\d)")
# 55-60, 60 dB~65 dB
_RANGE = re.compile(r"(?<=[\d贝权])\s*[-–—~～〜]\s*(?=\d)")
# Read digit by digit: telephone numbers, and what is too long or begins like one.
_TELEPHONE = re.compile(
    r"(?P<before>(?:拨打|电话|热线|致电)[:：]?\s*)(?P<called>\d[\d-]+)"
    r"|(?P<calling>\d[\d-]+)(?=\s*(?:电话|热线))"
    r"|(?<![\d.])(?P<long>0\d{2,}(?:-\d+)*|\d{7,})(?![\d.])"
)
_DIGITS = str.maketrans("0123456789", "零幺二三四五六七八九", "-")

_MINUS = re.compile(r"[-−](?=\d)")
_SIGNS = {"〇": "零", "±": "正负", "≤": "不超过", "≥": "不低于", "°C": "摄氏度", "℃": "摄氏度"}

# The voice pauses at Chinese punctuation only. Within a number it is none.
_PAUSE = re.compile(r"(?<!\d)[,;:!?.]|[,;:!?.](?!\d)")
_PAUSES = dict(zip(",;:!?.", "，；：！？。", strict=True))

# espeak-ng's voice falls into English at a 儿 that colours the syllable before it, and in
# Chongqing nobody says it.
_RHOTIC = {
    "这儿": "这里",
    "那儿": "那里",
    "哪儿": "哪里",
    "会儿": "会",
    "点儿": "点",
    "事儿": "事",
}


def spoken(text: str, language: str) -> str:
    """The words to be said. language: "zh" or "en".

    Full-width digits and letters are taken for plain ones: a speaker skips them in silence.
    """
    plain = "".join(unicodedata.normalize("NFKC", one) if _is_wide(one) else one for one in text)
    return _chinese(plain) if language == "zh" else _english(plain)


def _chinese(text: str) -> str:
    text = _THOUSANDS.sub("", text)
    text = _DECIBELS.sub(_chinese_decibels, text)
    text = _DATE.sub(lambda found: f"{found[1]}年{int(found[3])}月{int(found[4])}日", text)
    text = _TELEPHONE.sub(_digit_by_digit, text)
    text = _RANGE.sub("到", text)
    text = _TIME.sub(_chinese_time, text)
    text = _MINUS.sub("负", text)
    for written, words in (_SIGNS | _RHOTIC).items():
        text = text.replace(written, words)
    text = _PAUSE.sub(lambda found: _PAUSES[found[0]], text)
    # What is left of numbers, with fractions and per cent. Not left to espeak-ng, which says the
    # same for 105 as for 150.
    import cn2an  # on demand: it reads its tables

    return cn2an.transform(text, "an2cn")


def _chinese_decibels(found: re.Match[str]) -> str:
    weighting = found[1] or found[2]
    return f"分贝{weighting.upper()}计权" if weighting else "分贝"


def _chinese_time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if minute == 0:
        return f"{hour}点"
    return f"{hour}点{'零' if minute < 10 else ''}{minute}分"


def _digit_by_digit(found: re.Match[str]) -> str:
    number = found["called"] or found["calling"] or found["long"]
    return (found["before"] or "") + number.translate(_DIGITS)


def _english(text: str) -> str:
    return _DECIBELS.sub(
        lambda found: f"decibels {found[1] or found[2]}" if found[1] or found[2] else "decibels",
        text,
    )


def _is_wide(character: str) -> bool:
    return "！" <= character <= "～" and character.isalnum()
