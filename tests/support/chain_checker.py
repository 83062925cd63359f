"""Follows a unit's chain as whoever gets its messages can, by the keys alone. For both Pythons."""

from tamer.record import encoding
from tamer.record.seal import Seal, fingerprint


class ChainChecker:
    """Of one unit. `findings`: (kind, boot, sequence) of what is not as it should be.

    break: a link that is not made of what it says; gap: what it follows has not come; fork: two
    records follow one, or have one name; reset: a chain begins anew; unlinked: no link at all.
    """

    def __init__(self, unit, *keys):
        """keys: in the order in which the unit has them."""
        self._unit = unit
        self._keys = list(keys)
        self._seal = Seal(self._keys.pop(0))
        self._first = self._seal.first_link(unit)
        self.findings = []
        self.records = {}  # {(boot, sequence): (bytes, link)}
        self._followers = {}  # {link: name of what follows it}
        self._links = set()

    def take(self, message):
        """A message as it came, in the order in which they were sent."""
        opened = encoding.opened(message)
        record = opened.record
        _, boot, sequence, _ = encoding.head(record)
        name = boot, sequence
        if name in self.records:
            if self.records[name][0] != record:
                self.findings.append(("fork", boot, sequence))
            return
        found = self._found(name, opened)
        if found:
            self.findings.append((found, boot, sequence))
        self.records[name] = record, opened.link
        if opened.link:
            self._links.add(opened.link)
        if found != "break" and record[0] == encoding.EVENT:
            kind, fields = encoding.event(record)
            if kind == "rekeyed" and opened.link:
                assert fields["fingerprint"] == fingerprint(self._keys[0])
                self._seal = Seal(self._keys.pop(0))
                self._first = self._seal.first_link(self._unit)

    def _found(self, name, opened):
        if not opened.link:
            return "unlinked"
        follows = opened.follows
        if not follows:
            # Of version 4: that of the record that was sent before.
            _, follows = self.records.get((name[0], opened.after), (None, None))
        if not follows or self._seal.next_link(follows, opened.record) != opened.link:
            return "break"
        if follows == self._first:
            return "reset" if self._links else None
        if follows in self._followers:
            return "fork"
        self._followers[follows] = name
        return None if follows in self._links else "gap"


class Sender:
    """Sends a journal's records, as the link does. `last`: of the record sent last."""

    def __init__(self, journal):
        self._journal = journal
        self._before = (0, 0, b"")
        self.last = None

    def next(self):
        """The next message; None at the end."""
        record = self._journal.read()
        if record is None:
            return None
        follows, link = self._journal.links()
        before, self._before = self._before, (record.boot, record.sequence, link)
        self.last = record
        return encoding.following(before, record.body, follows, link)


def sent(journal, checker):
    """All of a journal from the oldest record on, to a hub that has the checker's records."""
    journal.rewind()
    sender = Sender(journal)
    messages = []
    while True:
        message = sender.next()
        if message is None:
            return messages
        checker.take(message)
        messages.append(message)
