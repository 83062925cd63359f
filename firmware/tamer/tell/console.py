"""Every record as a line on the serial console, for whoever is plugged in."""

from tamer.record import messages


def second(second, stage, limit, speaking):
    print(messages.encode(messages.now(second, stage, limit, speaking))[:-1] + _rest(second))


def _rest(second):
    return ',"LAFmax":%d,"LCeq":%d,"LCpeak":%d}' % second[2:5]


def event(t, kind, fields):
    print(messages.encode(dict(fields, v=messages.VERSION, t=t, kind=kind)))
