"""What a column's heading says it holds.

Symbols as in IEC 61672-1 and ISO 1996-1: LAeq, LAFmax, LCpeak, LAF90, LAE; beside them what
software writes in their place: LEQ dB-A, noise_LAeq, LA1s, 声级dB(A), Pegel.
"""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """heading: as in the file. kind: eq, max, min, peak, percentile, exposure, running, sliding,
    rating, band, instant, other, or level where it says no more than that. weighting: A, B, C, D,
    G, Z, or empty. time: F, S, I, or empty. period: s of the average, where named."""

    heading: str
    kind: str
    weighting: str
    time: str = ""
    period: float | None = None

    @property
    def vague(self) -> bool:
        """Whether it may be any level of its weighting."""
        return self.kind == "level"


_PERIOD = re.compile(
    r"(?<![A-Za-z0-9])[_(, ]*(\d+(?:[.,]\d+)?) ?(ms|seconds?|secs?|sek|s|\"|″|minutes?|mins?|m|'|′"
    r"|hours?|h|days?|d)\)?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# Of a period that stands right behind the symbol: LA1s, LAeq1s, LAFmax1s, LAeq5", LAeq_1h.
_STUCK = re.compile(r"(?<=[a-zA-Z])_?,?(\d+)_?(s|sec|\"|min|'|h)(?![A-Za-z0-9])", re.IGNORECASE)
_SECONDS = {"ms": 1e-3, "s": 1.0, '"': 1.0, "″": 1.0, "m": 60.0, "'": 60.0, "′": 60.0}
_SECONDS |= {"h": 3600.0, "d": 86_400.0}

_UNIT = re.compile(r"db[\s_-]*(?:\(\s*spl\s*\))?[\s_-]*[(\[]?\s*(a|b|c|d|g|z|lin|flat)\b", re.I)
# Leq(A), Leq,A, Lp (C), A声级
_LETTER = re.compile(
    r"[a-z]\s*[(\[]\s*([abcdz])\s*[)\]]|[a-z][,_]\s*([acz])$|(?<![a-z])([abcz])(?=声|噪)", re.I
)
_WEIGHTED = re.compile(r"(?<![a-z])(a|b|c|z)[\s_-]*(?:weight|gewicht|计权|加权|pond)", re.I)

_SYMBOL = re.compile(
    r"(?:noise|sound|level|nivell|nivel|prev)?[_ ]?l[_,.]?p?[_,]?(?P<w>a|b|c|d|g|z|lin|u)?[_,]?"
    r"(?P<t>fast|slow|impulse|f|s|i)?[_,]?"
    r"(?P<k>eqt?|avg|mean|maxt?|min|pkmax|peak|pk|max|e|den|dn|day|night|evening|t\d*|tm\d*"
    r"|n?\d{1,2}(?:[.,]\d+)?%?)?(?:[_,](?:dt|t|inst|max))?",
    re.IGNORECASE,
)

# (Ch1, P1): channel and profile of the meter; (TH): time history.
_ASIDE = re.compile(
    r"\(\s*(?:(?:channel|ch|kana[lł]|kan|canal|profile?|p|th)(?![a-z])|calibrat)[^)]*\)", re.I
)

_WORDS_OF_KIND = (
    ("band", r"\d ?k?hz|octave|terz|octava|_\d{2,5}$|频"),
    (
        "other",
        r"calibra|kalib|temper|humid|batter|voltage|wind|speed|accuracy|bearing|latitud"
        r"|longitud|altitud|colou?r|sensor_|pressure$|\bid\b|_id\b|gain|uncert|deviation"
        r"|^lat$|^lon$|^lng$|\bsd\b|\bstd|count|number|dose|%|duration|durée|dauer|duraci",
    ),
    ("running", r"running|overall|cumul|total|gesamt|laeq ?\(t\)|leq ?\(t\)|since start|累计"),
    ("sliding", r"sliding|moving|rolling|\bprev|滑动"),
    ("peak", r"peak|pk|spitze|pico|szczyt|crête|峰值"),
    ("max", r"max|最大"),
    ("min", r"min\b|minim|_min|lmin|最小"),
    ("percentile", r"percentil|perzentil|statist|统计"),
    ("exposure", r"\bsel\b|exposure|expos|暴露"),
    ("rating", r"lden|ldn\b"),
    ("eq", r"leq|avg|average|mean|mittelung|medio|moyen|równow|equivalent|äquivalent|等效"),
)
_WORDS_OF_LEVEL = re.compile(
    r"\blevel|pegel|\bspl\b|\bdb|db\b|声级|声压|噪声|噪音|分贝|nivel|niveau|poziom|livello|nível"
    r"|\bvalue|\bvalor|\bwert|\bwarto|valeur|\breading|messwert|^state$|\bsound|\bnoise|bruit|ruido"
    r"|hałas|lärm|schall|数值|^值$|读数|lectura|pomiar|^la$|^lp$|^l$|^y$",
    re.IGNORECASE,
)


def of(heading: str) -> Quantity | None:
    """None where the heading names no level."""
    text = unicodedata.normalize("NFKC", heading).strip()
    text = _ASIDE.sub(" ", text)
    if not text.strip():
        return None
    weighting = weighting_of_unit(text)
    bare, period = _without_period(re.sub(r"[\[(]\s*db[^\])]*[\])]", " ", text, flags=re.I))
    symbol = next(
        (match for word in re.split(r"[\s\[\](){}:;/|=-]+", bare)
         if len(word) > 1 and (match := _SYMBOL.fullmatch(word))), None,
    )  # fmt: skip
    kind = _kind(bare, symbol)
    time = ""
    if symbol:
        weighting = (symbol["w"] or weighting).upper()
        time = (symbol["t"] or "")[:1].upper()
        if kind == "level" and symbol["k"] is None and time:
            kind = "instant"
        if kind == "level" and symbol["w"] and period:
            # CESVA's LA1s
            kind = "eq"
        if kind == "eq" and time != "I":
            time = ""
    elif kind == "level" and not _WORDS_OF_LEVEL.search(text):
        return None
    weighting = "Z" if weighting.upper() in ("LIN", "FLAT", "U") else weighting.upper()
    if not symbol and kind not in ("level", "band", "other") and not _WORDS_OF_LEVEL.search(text):
        # "mean", "max" alone: of what?
        return Quantity(heading, kind, weighting, time, period) if kind != "eq" or re.search(
            "leq", text, re.I) else None  # fmt: skip
    return Quantity(heading, kind, weighting, time, period)


def answers(found: Quantity, wanted: Quantity) -> bool:
    """Whether the column is exactly the quantity wanted, but for its period."""
    same_time = found.time == wanted.time
    return (found.kind, found.weighting) == (wanted.kind, wanted.weighting) and same_time


def may_be(found: Quantity, wanted: Quantity) -> bool:
    """Whether a column that says less may be it: a level in dB(A), Leq in dB."""
    if wanted.kind not in ("eq", "instant") or found.weighting not in ("", wanted.weighting):
        return False
    return found.vague or (found.kind == wanted.kind and found.time in ("", wanted.time))


def weighting_of_unit(text: str) -> str:
    """A, B, C, D, G, Z, lin or flat of dB(A), dBC, C-weighted; empty where it says none."""
    match = _UNIT.search(text) or _WEIGHTED.search(text)
    match = match or _LETTER.search(text)
    return next(filter(None, match.groups()), "").upper() if match else ""


def _without_period(text: str) -> tuple[str, float | None]:
    match = _STUCK.search(text) or _PERIOD.search(text)
    if not match:
        return text, None
    number, unit = match.group(1).replace(",", "."), match.group(2).lower()
    scale = _SECONDS["ms"] if unit == "ms" else _SECONDS[unit[0]]
    return f"{text[: match.start()]} {text[match.end() :]}".strip(), float(number) * scale


def _kind(text: str, symbol: re.Match[str] | None) -> str:
    for kind, words in _WORDS_OF_KIND:
        if re.search(words, text, re.IGNORECASE) and (kind != "other" or not symbol):
            return kind
    told = (symbol["k"] or "").lower() if symbol else ""
    if not told:
        return "level"
    if told[0].isdigit() or (told[0] == "n" and told[1:2].isdigit()):
        return "percentile"
    for start, kind in (("eq", "eq"), ("avg", "eq"), ("mean", "eq"), ("max", "max"),
                        ("min", "min"), ("p", "peak"), ("d", "rating"), ("night", "rating"),
                        ("evening", "rating"), ("t", "takt"), ("e", "exposure")):  # fmt: skip
        if told.startswith(start):
            return kind
    return "level"
