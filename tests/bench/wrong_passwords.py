"""Ten thousand wrong passwords at a real hub: `python tests/bench/wrong_passwords.py`.

From two hundred addresses at one account, forty at a time, while its neighbour logs in again and
again. Prints what became of them; clocks depend on the machine: look at the counts, and at the
neighbour's times beside those before the attack.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import httpx
from hub_process import HubProcess

from noisetamer.hub.people.audit import HUB
from noisetamer.hub.people.people import People

TRIES, AT_ONCE, ADDRESSES = 10_000, 40, 200
RIGHT = "three dry sunflowers"


async def log_in(client: httpx.AsyncClient, name: str, password: str, address: str) -> int:
    # a proxy on this machine says for whom it asks
    told = {"x-forwarded-for": address}
    data = {"name": name, "password": password}
    while True:
        try:
            return (await client.post("login", data=data, headers=told)).status_code
        except httpx.TransportError:
            continue  # a connection kept alive, let go of just now


async def attack(url: str) -> None:
    statuses: Counter[int] = Counter()
    limits = httpx.Limits(max_connections=AT_ONCE)

    async def neighbour(many: int) -> list[float]:
        took = []
        for n in range(many):
            began = time.monotonic()
            async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                assert await log_in(client, "neighbour", RIGHT, f"203.0.113.{n % 20}") == 303
            took.append(time.monotonic() - began)
        return took

    async def attacker(share: range) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
            for n in share:
                address = f"198.51.100.{n % ADDRESSES}"
                statuses[await log_in(client, "owner", f"wrong {n}", address)] += 1

    before = await neighbour(10)
    began = time.monotonic()
    attacking = asyncio.gather(*(attacker(range(n, TRIES, AT_ONCE)) for n in range(AT_ONCE)))
    during: list[float] = []
    while not attacking.done():
        during += await neighbour(1)
    await attacking
    lasted = time.monotonic() - began
    print(f"{TRIES} wrong passwords in {lasted:.1f} s: {dict(statuses)}")
    print(f"refused without a look: {100 * statuses[429] / TRIES:.1f} %")
    print(f"the neighbour logged in {len(during)} times meanwhile, every time")
    for when, took in (("before", before), ("during", during)):
        print(f"  {when}: median {statistics.median(took):.3f} s, longest {max(took):.3f} s")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        hub = HubProcess(Path(folder) / "hub")
        try:
            with closing(People(hub.data / "people.sqlite")) as people:
                for name in ("owner", "neighbour"):
                    kept = people.passwords.hash_now(RIGHT)
                    people.accounts.add(name, "viewer", HUB, password=kept)
                asyncio.run(attack(hub.url))
                wrong = people.log.entries(what="login_wrong", target="owner")
                locked = people.log.entries(what="login_locked", target="owner")
                print(f"in the audit log: {len(wrong)} wrong, {len(locked)} locked")
        finally:
            hub.stop()


if __name__ == "__main__":
    main()
