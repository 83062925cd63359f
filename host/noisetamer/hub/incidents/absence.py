"""After a long absence of the hub, or from a backup, nobody is called for what was before.

What the file says of the squares is old then: a box may have gone quiet days ago. So what went on
is held, as what a box tells late is, and goes on when a box has said since that it still holds.
"""

from dataclasses import replace

from noisetamer.hub.incidents.book import UNFINISHED, Book, Case
from noisetamer.hub.incidents.incident import CALLS, TO_PHONES, Entry

LONG_SECONDS = 7200.0
"""An absence up to this counts as waited; of a longer one nobody knows what happened."""
LATELY_SECONDS = 43_200.0
"""Who was called so long before still hears that it is over: it was this evening."""


def was_long(last_alive: float | None, restored: bool, at: float) -> bool:
    """last_alive: when the hub last proved that it lives, None: never; at: now; Unix s."""
    return restored or (last_alive is not None and at - last_alive > LONG_SECONDS)


def stand_down(book: Book, last_alive: float | None, restored: bool, at: float) -> None:
    """Hold whatever goes on, and withdraw the calls that have not gone out. at: Unix s. All of
    it in one transaction; raises database.Error."""
    with book.transaction():
        _withdraw(book, at)
        for case in book.unfinished():
            if case.incident.living:
                told = {"since": last_alive, "restored": restored}
                book.enter(case.incident.id, Entry(at, at, "away", "", told))
                # its turn is within a second, whatever it waits for
                book.put(_held(book, case, at), UNFINISHED)


def _withdraw(book: Book, at: float) -> None:
    for effect in book.due(UNFINISHED, TO_PHONES, most=1_000_000):
        if effect.kind == "all-clear" and at - effect.due <= LATELY_SECONDS:
            continue
        book.withdraw(effect, at)


def _held(book: Book, case: Case, at: float) -> Case:
    """With nobody called: the chain begins anew, if it does."""
    chain = case.chain
    lately = {
        (effect.person, effect.contact)
        for effect in book.effects(case.incident.id)
        if effect.kind in CALLS
        and effect.state != "withdrawn"
        and at - effect.due <= LATELY_SECONDS
    }
    chain = replace(
        chain,
        held=True,
        away=True,
        called=tuple(way for way in chain.called if way in lately),
    )
    if chain.chain != "stopped":
        chain = replace(chain, chain="waiting", step=-1, follow_ups=0, until=0.0)
    return Case(replace(case.incident, step=""), chain)
