"""How a policy's values are written, and what they become: whole numbers and tuples. Pure.

Each reader takes a value as JSON or TOML gives it and raises ValueError with the end of a
sentence, to which `schema` prepends the key. No value stays a fraction, so single and double
precision make the same policy.
"""

from tamer.judge.calendar import DAY, DAYS, day_number

EVERY_DAY = DAYS[:7]


def number(low, high, steps, unit):
    """A reader of numbers in low..high; it gives them in `steps` to the unit."""

    def read(value):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        _demand(is_number, "must be a number of %s, without quotes" % unit)
        if not low <= value <= high:
            raise ValueError("%s is out of range: give %s to %s %s" % (value, low, high, unit))
        scaled = round(value * steps)
        if abs(value * steps - scaled) > 0.01 and steps <= 10:
            finest = "0.1" if steps == 10 else "whole"
            raise ValueError("%s is finer than is kept: give %s %s" % (value, finest, unit))
        return scaled

    return read


def version(value):
    """The version of the policy's keys; a newer one may define them otherwise."""
    if value != 1 or isinstance(value, bool):
        raise ValueError("%s is not known here; known is 1" % shown(value))
    return 1


def choice(*words):
    """A reader of one of these words."""

    def read(value):
        if value not in words:
            raise ValueError("%s is unknown; known are %s" % (shown(value), ", ".join(words)))
        return value

    return read


def text(most):
    """A reader of text of at most so many characters."""

    def read(value):
        _demand(isinstance(value, str), "must be text in quotes")
        if len(value) > most:
            raise ValueError("is %d characters long; at most %d" % (len(value), most))
        if any(character < " " for character in value):
            raise ValueError("must be one line, without control characters")
        return value

    return read


def message(value):
    """The name of a message in the box's voices."""
    if not isinstance(value, str) or not 1 <= len(value) <= 40:
        raise ValueError("must be the name of a message, such as warning_zh")
    for character in value:
        if not ("a" <= character.lower() <= "z" or "0" <= character <= "9" or character in "_-"):
            raise ValueError("%s: a name has letters, digits, _ and - only" % shown(value))
    return value


def flag(value):
    """True or False."""
    _demand(isinstance(value, bool), "must be true or false, without quotes")
    return value


def area_class(value):
    """As text: 4a is no number, so 2 may be written either way."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    _demand(isinstance(value, str), 'must be a class in quotes, such as "2" or "4a"')
    return value


def limit(value):
    """0.1 dB, or None for "class": what the area's table says at that time."""
    if value == "class":
        return None
    _demand(not isinstance(value, str), 'must be dB without quotes, or "class"')
    return level(value)


level = number(20, 120, 10, "dB")


def offset(value):
    """s east of UTC, from "+08:00"."""
    if isinstance(value, str) and len(value) == 6 and value[0] in "+-":
        minutes = _minutes(value[1:])
        if minutes is not None and minutes <= 14 * 60:
            return minutes * (60 if value[0] == "+" else -60)
    raise ValueError('%s is no offset from UTC: write it like "+08:00"' % shown(value))


def clock_changes(value):
    """((Unix time, offset in s), ...) from [["2027-03-28T01:00Z", "+02:00"], ...]."""
    changes = []
    for at, following in _pairs(value, '["2027-03-28T01:00Z", "+02:00"]'):
        changes.append((_instant(at), offset(following)))
        if len(changes) > 1 and changes[-1][0] <= changes[-2][0]:
            raise ValueError("%s comes too late in the list: sort by time" % shown(at))
    return tuple(changes)


def time_of_day(value):
    """Minutes after local midnight, from "06:00"; "24:00" is the end of the day."""
    minutes = _minutes(value)
    if minutes is None:
        raise ValueError('%s is no time of day: write it like "06:00"' % shown(value))
    return minutes


def spans(value):
    """((from, to), ...) in minutes; where to is less than from it crosses midnight."""
    read = []
    for pair in _list(value, "spans"):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise ValueError('each must be a pair like ["23:00", "06:00"]')
        since, until = time_of_day(pair[0]), time_of_day(pair[1])
        if since == until:
            raise ValueError(
                '%s to %s is no time at all: all day is "00:00" to "24:00"' % tuple(pair)
            )
        read.append((since, until))
    return tuple(read)


def date(value):
    """The day's number, from "2027-02-17"."""
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        parts = value[:4], value[5:7], value[8:]
        if all(_is_digits(part) for part in parts):
            try:
                return day_number(*[int(part) for part in parts])
            except ValueError:
                raise ValueError("%s: there is no such day" % shown(value)) from None
    raise ValueError('%s is no date: write it like "2027-02-17"' % shown(value))


def dates(value):
    """Numbers of days, sorted, from a list of dates."""
    return tuple(sorted([date(each) for each in _list(value, 'dates like "2027-02-17"')]))


def days(value):
    """One bit for each of DAYS."""
    bits = 0
    for name in _list(value, 'days like "sat"'):
        if name not in DAYS:
            raise ValueError("%s is no day; known are %s" % (shown(name), ", ".join(DAYS)))
        bits |= 1 << DAYS.index(name)
    if not bits:
        raise ValueError("names no day; leave it out for every day")
    return bits


def shown(value):
    """A value as a sentence quotes it."""
    return '"%s"' % value if isinstance(value, str) else str(value)


def _list(value, of_what):
    _demand(isinstance(value, (list, tuple)), "must be a list of %s, in [ ]" % of_what)
    return value


def _demand(met, why):
    if not met:
        raise ValueError(why)


def _pairs(value, example):
    for pair in _list(value, "pairs like " + example):
        is_pair = isinstance(pair, (list, tuple)) and len(pair) == 2
        _demand(is_pair, "each must be a pair like " + example)
        yield pair


def _minutes(value):
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":":
        return None
    if not _is_digits(value[:2] + value[3:]):
        return None
    hour, minute = int(value[:2]), int(value[3:])
    if minute > 59 or hour * 60 + minute > 1440:
        return None
    return hour * 60 + minute


def _instant(value):
    """Unix time, from "2027-03-28T01:00Z"."""
    if isinstance(value, str) and len(value) == 17 and value[10] == "T" and value[16] == "Z":
        minutes = _minutes(value[11:16])
        if minutes is not None:
            return date(value[:10]) * DAY + minutes * 60
    raise ValueError('%s is no time in UTC: write it like "2027-03-28T01:00Z"' % shown(value))


def _is_digits(characters):
    return all("0" <= character <= "9" for character in characters)
