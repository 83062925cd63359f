#!/usr/bin/env bash
# One guesses: request.scope["route"] is the route that was matched, and its dependant holds what
# runs before it, whoever added it: the app, include_router, the router, the route itself. So it
# did up to FastAPI 0.136, and does to this day for a route that stands on the app.
# What happens: an included route is the object that its router holds. What was added from outside
# (by FastAPI(dependencies=...), by include_router(..., dependencies=...)) runs, but is not in
# its dependant, nor is the prefix in its path. What its own APIRouter adds is there.
# Why it matters: who reads there what a page asks for, for a list of permissions or a second
# check, finds nothing for a page that is protected; measurements by path mix up routers.
# Mend: ask fastapi.routing.iter_route_contexts(app.routes) once, at start: it has path and
# dependant as they run. Or say it at the route itself.
#
# Output seen:
#   fastapi 0.165.0
#   ran: app, include, router, route
#   scope: /levels has router, route
#   iter_route_contexts: /hub/levels has app, include, router, route
#   on the app itself, ran: app; scope: /direct has app
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
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts

ran = []


class Asks:
    def __init__(self, name):
        self.name = name

    def __call__(self):
        ran.append(self.name)


def asked(route):
    return [each.call.name for each in route.dependant.dependencies]


router = APIRouter(dependencies=[Depends(Asks("router"))])
app = FastAPI(dependencies=[Depends(Asks("app"))], openapi_url=None)


@router.get("/levels", dependencies=[Depends(Asks("route"))])
@app.get("/direct")
async def levels(request: Request):
    route = request.scope["route"]
    return {"path": route.path, "asked": asked(route)}


app.include_router(router, prefix="/hub", dependencies=[Depends(Asks("include"))])


async def get(path):
    ran.clear()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        return (await client.get(path)).json(), list(ran)


print("fastapi", version("fastapi"))
scope, included_ran = asyncio.run(get("/hub/levels"))
contexts = {each.path: asked(each) for each in iter_route_contexts(app.routes)}
direct, direct_ran = asyncio.run(get("/direct"))
print("ran:", ", ".join(included_ran))
print("scope:", scope["path"], "has", ", ".join(scope["asked"]))
print("iter_route_contexts: /hub/levels has", ", ".join(contexts["/hub/levels"]))
print(
    f"on the app itself, ran: {', '.join(direct_ran)};",
    f"scope: {direct['path']} has {', '.join(direct['asked'])}",
)
everything = ["app", "include", "router", "route"]
sys.exit(
    0
    if included_ran == contexts["/hub/levels"] == everything
    and scope == {"path": "/levels", "asked": ["router", "route"]}
    and direct == {"path": "/direct", "asked": ["app"]}
    and direct_ran == ["app"]
    else "No longer so: the route in the scope lacks what was added from outside."
)
PYTHON
