"""Every record as a line on the serial console, for whoever is plugged in."""

from tamer.record import messages


def second(second, stage, limit, speaking, bands):
    message = messages.now(second, stage, limit, speaking, bands)
    message.update(LAFmax=second.LAFmax, LCeq=second.LCeq, LCpeak=second.LCpeak)
    print(messages.encode(message))


def event(t, kind, fields):
    print(messages.encode(dict(fields, v=messages.VERSION, t=t, kind=kind)))
