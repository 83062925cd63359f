"""One session with a broker: connect, subscribe, report a second, print what comes back.

Arguments: the firmware's folder, host, port, the broker's name, the authority's certificate,
the unit and its secret.
"""

import asyncio
import sys

firmware, host, port, name, authority, unit, secret = sys.argv[1:8]
sys.path.insert(0, firmware)

from tamer.record import encoding, messages
from tamer.record.reading import Second
from tamer.tell import connection
from tamer.tell.mqtt import Client, Refused

SECOND = Second(1795431600, 683, 701, 752, 880, 0)


async def main():
    client = Client(
        await connection.opened(host, int(port), connection.trust(authority), name), 30
    )
    gone = messages.encode(messages.status(False))
    try:
        await client.connect(unit, unit, secret, f"dev/{unit}/status", gone)
    except (Refused, ValueError) as wrong:
        # ValueError is what TLS raises for a certificate of another name.
        print("no session:", *str(wrong).split())
        return
    await client.subscribe(f"cmd/{unit}/#")
    payload = encoding.of_seconds([SECOND])
    record = encoding.record(encoding.SECONDS, 1, 1, SECOND.t, payload)
    await client.publish(messages.RECORD % unit, encoding.enveloped(0, record))
    topic, payload = await client.received()
    print(topic, payload.decode())
    await client.ping()
    await client.disconnect()


asyncio.run(main())
