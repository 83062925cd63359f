"""What a hub imports, for a process that forks hubs."""

# ruff: noqa: F401
# The clock first: what takes one by default keeps it.
import replaceable_time

from noisetamer.base.loading import loading

with loading():
    # Last what a hub loads as it begins to serve: half the processor time of a start.
    import cryptography.hazmat.backends.openssl.backend
    import known_routes
    import uvicorn.lifespan.off
    import uvicorn.loops.auto
    import uvicorn.protocols.websockets.auto

    import noisetamer.hub.command
    import noisetamer.hub.serve
