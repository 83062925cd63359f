"""Every record as a line on the serial console, for whoever is plugged in."""

from tamer.record import messages

# A line a second for ever: formatted at once, which is a third of the work of a dict.
_SECOND = (
    '{"v":%d,"t":%d,"LAeq":%d,"LAFmax":%d,"LCeq":%d,"LCpeak":%d,"flags":%d,'
    '"stage":"%s","limit":%d,"speaking":%s%s}'
)


def second(second, stage, limit, speaking, bands):
    more = ',"LZ":%s' % messages.encode(bands) if bands else ""
    speaks = "true" if speaking else "false"
    print(_SECOND % ((messages.VERSION,) + second + (stage, limit, speaks, more)))


def event(t, kind, fields):
    print(messages.encode(dict(fields, v=messages.VERSION, t=t, kind=kind)))
