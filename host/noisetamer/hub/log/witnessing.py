"""Our checkpoints, shown to our witnesses; what they answer is in the checkpoint, or is told."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import httpx

from noisetamer.hub.log.partners import Partner, Partners
from noisetamer.hub.log.witness import Conflict
from noisetamer.hub.trouble import Trouble
from noisetamer.proof import notes
from noisetamer.proof.canonical import base64_text, number
from noisetamer.proof.checkpoint import checkpoint_in, checkpoint_of
from noisetamer.proof.notes import NoteError, Signature

# A log that grows shows itself at most so often; a witness that is away is asked again after
# growing pauses up to the second.
PAUSE_SECONDS, LONGEST_SECONDS = 60.0, 900.0
# Away for so long, it is told.
AWAY_SECONDS = 3600.0
# What a witness's time may differ: beyond it, what it signed says something false.
CLOCK_SECONDS = 300
_ASK_SECONDS = 20.0
_MOST_BYTES = 64 * 1024


class Ours(Protocol):
    """Our log, as `log.Log` is."""

    def newest(self) -> str | None: ...
    def consistency(self, old: int, new: int) -> list[bytes]: ...
    def cosign(self, text: str, signatures: list[Signature]) -> bool: ...


@dataclass
class _Standing:
    """With one witness. size: it cosigned last, as far as we know; text: of that checkpoint;
    failing: since when, monotonic s; what: is wrong, a trouble's key, and its values."""

    size: int = 0
    text: str = ""
    due: float = 0.0
    pause: float = 0.0
    failing: float | None = None
    what: str = ""
    said: str = ""
    theirs: int = 0


class Witnessing:
    """Shows each new checkpoint to each witness."""

    def __init__(
        self,
        log: Ours,
        partners: Partners,
        conflicts: Callable[[], list[Conflict]],
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """conflicts: of the logs that this hub witnesses itself; clock: Unix s."""
        self._log = log
        self._partners = partners
        self._conflicts = conflicts
        self._seen: list[Conflict] = []
        self._clock = clock
        self._monotonic = monotonic
        self._standings: dict[tuple[str, str], _Standing] = {}
        self._note: str | None = None

    def on_checkpoint(self, note: str) -> None:
        """Our newest, from now on. note: signed."""
        self._note = note

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(1)

    async def step(self) -> None:
        """Ask those who are due. Raises UserError where our own log cannot be used."""
        self._seen = await asyncio.to_thread(self._conflicts)
        witnesses = [one for one in await asyncio.to_thread(self._partners.all) if one.witness]
        self._standings = {
            (one.name, one.witness): self._standings.get((one.name, one.witness), _Standing())
            for one in witnesses
        }
        due = [one for one in witnesses if self._of(one).due <= self._monotonic()]
        if due and (note := self._note) is not None:
            await asyncio.gather(*(self._show(one, note) for one in due))

    async def show_now(self) -> None:
        """To all who are not away, whenever they would be due: evidence does not wait a minute."""
        for one in self._standings.values():
            if one.what != "away":
                one.due = 0.0
        await self.step()

    def troubles(self) -> Iterator[Trouble]:
        """Witnesses that are away or refuse, and logs that show two faces."""
        for (name, _), one in list(self._standings.items()):
            if one.what in ("rolled_back", "forked"):
                values = {"name": name, "theirs": str(one.theirs), "ours": str(one.size)}
                yield Trouble(f"log_{one.what}", values)
            elif one.what and one.what != "away":
                yield Trouble(f"witness_{one.what}", {"name": name, "said": one.said}, ill=False)
            elif one.failing is not None and self._monotonic() - one.failing > AWAY_SECONDS:
                hours = f"{(self._monotonic() - one.failing) / 3600:.0f}"
                values = {"name": name, "hours": hours, "said": one.said}
                yield Trouble("witness_away", values, ill=False)
        for origin in sorted({one.origin for one in self._seen}):
            yield Trouble("witnessed_fork", {"origin": origin}, ill=False)

    def _of(self, partner: Partner) -> _Standing:
        return self._standings[partner.name, partner.witness]

    async def _show(self, partner: Partner, note: str) -> None:
        standing = self._of(partner)
        text = notes.parse(note).text
        if text == standing.text and not standing.what:
            standing.due = self._monotonic() + PAUSE_SECONDS
            return
        what, said = "", ""
        try:
            what, said = await self._ask(partner, standing, note, text)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            what, said = "away", str(error) or type(error).__name__
        standing.what, standing.said = what, said
        now = self._monotonic()
        if what:
            standing.failing = now if standing.failing is None else standing.failing
            standing.pause = min(max(2 * standing.pause, PAUSE_SECONDS), LONGEST_SECONDS)
        else:
            standing.failing, standing.pause = None, PAUSE_SECONDS
        standing.due = now + standing.pause

    async def _ask(
        self, partner: Partner, standing: _Standing, note: str, text: str
    ) -> tuple[str, str]:
        """What is wrong, '' when it cosigned; and its own words. Raises httpx.HTTPError, OSError,
        ValueError."""
        ours = checkpoint_of(text).size
        old = min(standing.size, ours)
        async with (
            # of all together: an answer that drips would keep all others waiting
            asyncio.timeout(_ASK_SECONDS),
            httpx.AsyncClient(verify=partner.tls(), timeout=_ASK_SECONDS) as client,
        ):
            status, theirs, said = await self._post(client, partner, old, ours, note)
            if theirs is not None and theirs <= ours and theirs != old:
                # once more with the size that it has, of which we know only now
                old = theirs
                status, theirs, said = await self._post(client, partner, old, ours, note)
        if status == 200:
            return await self._take(partner, standing, text, said)
        if theirs is not None and theirs > ours:
            # another process may have signed and shown more meanwhile
            newest = await asyncio.to_thread(self._log.newest)
            if newest and checkpoint_in(newest).size >= theirs:
                return "", ""
            standing.theirs, standing.size = theirs, ours
            return "rolled_back", ""
        if status == 422 or (status == 409 and theirs == ours):
            standing.theirs, standing.size = old, ours
            return "forked", said
        if status in (403, 404):
            return "unknown_to", said
        return "away", f"HTTP {status} {said}".strip()

    async def _post(
        self, client: httpx.AsyncClient, partner: Partner, old: int, ours: int, note: str
    ) -> tuple[int, int | None, str]:
        """Status; the size it has, where it says that; its words."""
        proof = await asyncio.to_thread(self._log.consistency, old, ours)
        lines = "".join(f"{base64_text(one)}\n" for one in proof)
        body = f"old {old}\n{lines}\n{note}".encode()
        where = f"{partner.url.rstrip('/')}/add-checkpoint"
        async with client.stream("POST", where, content=body) as answer:
            found = b""
            async for piece in answer.aiter_bytes():
                found += piece
                if len(found) > _MOST_BYTES:
                    raise ValueError("its answer is too long")
        said = found.decode()
        kind = answer.headers.get("content-type", "")
        if answer.status_code == 409 and kind.startswith("text/x.tlog.size"):
            return 409, number(said.removesuffix("\n")), ""
        return answer.status_code, None, said if answer.status_code == 200 else said.strip()[:200]

    async def _take(
        self, partner: Partner, standing: _Standing, text: str, answer: str
    ) -> tuple[str, str]:
        key = partner.witness_key
        assert key
        try:
            signed = notes.parse(f"{text}\n{answer}")
            times = {one.key: one.time for one in notes.verify(signed, [key])}
        except NoteError as error:
            return "wrong", str(error)
        off = (times[key] or 0) - self._clock()
        if abs(off) > CLOCK_SECONDS:
            return "clock", f"{off / 60:+.0f} min"
        mine = [one for one in signed.signatures if (one.name, one.key) == (key.name, key.id)]
        await asyncio.to_thread(self._log.cosign, text, mine)
        standing.size, standing.text = checkpoint_of(text).size, text
        return "", ""
