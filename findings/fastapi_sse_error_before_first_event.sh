#!/usr/bin/env bash
# One guesses: HTTPException(404), raised before the first yield of an event stream, is a 404:
# nothing has been sent yet. In a plain endpoint it is one.
# What happens: with response_class=EventSourceResponse the answer is 200, text/event-stream, and
# an empty body: the response is made before the generator runs. The exception reaches the server's
# log only.
# Why it matters: a browser's EventSource gives up at a 404, but takes an ended 200 for a dropped
# line and asks again every few seconds, for ever. Monitoring sees nothing but 200.
# Mend: decide in a dependency (Depends): it runs before the response is made, and its 404 is one.
#
# Output seen:
#   fastapi 0.165.0
#   /plain 404 application/json '{"detail":"no such unit"}'
#   /stream 200 text/event-stream; charset=utf-8 ''
#   /dependency 404 application/json '{"detail":"no such unit"}'
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
    fastapi==0.165.0 starlette==1.10.0 httpx==0.28.1

venv/bin/python - <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

import httpx
from fastapi import Depends, FastAPI, HTTPException
from fastapi.sse import EventSourceResponse

app = FastAPI()


def known_unit():
    raise HTTPException(404, "no such unit")


@app.get("/plain")
async def plain():
    raise HTTPException(404, "no such unit")


@app.get("/stream", response_class=EventSourceResponse)
async def stream():
    raise HTTPException(404, "no such unit")
    yield {"level": 65.0}


@app.get("/dependency", response_class=EventSourceResponse, dependencies=[Depends(known_unit)])
async def dependency():
    yield {"level": 65.0}


async def main():
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        found = []
        for path in ("/plain", "/stream", "/dependency"):
            answer = await client.get(path)
            print(path, answer.status_code, answer.headers["content-type"], repr(answer.text))
            found.append(answer.status_code)
        return found


print("fastapi", version("fastapi"))
sys.exit(
    0
    if asyncio.run(main()) == [404, 200, 404]
    else "No longer so: an error before the first event has its own status."
)
PYTHON
