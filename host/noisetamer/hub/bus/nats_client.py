"""What we take of nats-py, without its WebSocket transport.

For that it loads aiohttp wherever it is installed, as it is for Web Push: 8 MiB of memory and a
tenth of a hub's start, for what no hub does.
"""

import sys

_UNUSED = "aiohttp"

_is_loaded = _UNUSED in sys.modules
if not _is_loaded:
    sys.modules[_UNUSED] = None  # pyright: ignore[reportArgumentType]: as if it were not installed
try:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.errors import Error as NatsError
    from nats.js import JetStreamContext
    from nats.js.api import (
        AckPolicy,
        ConsumerConfig,
        DiscardPolicy,
        RetentionPolicy,
        StorageType,
        StreamConfig,
        StreamInfo,
        SubjectTransform,
    )
    from nats.js.errors import NotFoundError
finally:
    if not _is_loaded:
        del sys.modules[_UNUSED]

__all__ = [
    "AckPolicy",
    "Client",
    "ConsumerConfig",
    "DiscardPolicy",
    "JetStreamContext",
    "Msg",
    "NatsError",
    "NotFoundError",
    "RetentionPolicy",
    "StorageType",
    "StreamConfig",
    "StreamInfo",
    "SubjectTransform",
]
