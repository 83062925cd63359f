"""The cameras of squares: what is set for each, whether it works, and the pictures they took."""

import asyncio
import time
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from noisetamer.base.errors import UserError
from noisetamer.hub.cameras import detector, logins
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.photographer import camera_of
from noisetamer.hub.cameras.settings import BLURS, KIND, Camera, checked
from noisetamer.hub.cameras.take import take
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import by, may, require
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.picture_words import last, of_taken
from noisetamer.hub.web.templates import page

router = APIRouter()

Keeper = Annotated[Account, Depends(may("squares.change"))]


def _camera(hub: Context, square: str) -> Camera:
    return camera_of(hub.squares.setting(square, KIND))


@router.api_route("/cameras", methods=READ, response_class=HTMLResponse)
async def cameras(request: Request, hub: Hub, language: Language, account: Keeper) -> HTMLResponse:
    """Every square, and whether it has a camera."""
    names = [name for name in hub.square_names() if account.may("squares.change", name)]
    texts = hub.texts[language]

    def looked_up() -> list[tuple[str, Camera, str]]:
        return [
            (name, _camera(hub, name), last(hub.album.last_of(name), texts, hub.utc_offset))
            for name in names
        ]

    found = await asyncio.to_thread(looked_up)
    return page("cameras.html", request, hub, language, account, cameras=found)


@router.post("/cameras/{square:path}/try")
async def try_now(
    square: str, request: Request, hub: Hub, language: Language, account: Keeper
) -> dict[str, str]:
    """Take a picture now, that is not kept: what came of it, in words, and where it is to be seen
    for two minutes, by whoever may see pictures."""
    _require_square(hub, account, square)
    found = await asyncio.to_thread(_camera, hub, square)
    login = await asyncio.to_thread(hub.album.logins.of, square)
    taken = await take(found, login)
    who = by(request)
    result = "taken" if taken.picture else taken.why[-1].reason
    await asyncio.to_thread(
        hub.people.audit,
        *(time.time(), who.name, "camera_tried", square, "", {"result": result}, who.ip),
    )
    address = ""
    if taken.picture and account.may("pictures", square):
        key = hub.looks.keep_tried(account.id, square, taken.picture.jpeg)
        address = f"/cameras/{quote(square, safe='')}/try/{key}.jpg"
    return {"detail": of_taken(taken, hub.texts[language]), "picture": address}


@router.api_route("/cameras/{square:path}/try/{key}.jpg", methods=READ)
async def tried(
    square: str, key: str, hub: Hub, account: Annotated[Account, Depends(may("pictures"))]
) -> Response:
    """The picture of a try, for whoever tried."""
    require(account, "pictures", square)
    found = hub.looks.tried(key, account.id, square)
    if found is None:
        raise HTTPException(404, "This picture was not kept.")
    return Response(found, media_type="image/jpeg")


@router.api_route("/cameras/{square:path}", methods=READ, response_class=HTMLResponse)
async def camera(
    square: str, request: Request, hub: Hub, language: Language, account: Keeper
) -> HTMLResponse:
    """What is set for one."""
    _require_square(hub, account, square)
    found = await asyncio.to_thread(_camera, hub, square)
    return await _page(square, found, request, hub, language, account)


@router.post("/cameras/{square:path}", response_class=HTMLResponse)
async def change(
    square: str,
    request: Request,
    hub: Hub,
    language: Language,
    account: Keeper,
    snapshot: Annotated[str, Form(max_length=1000)] = "",
    stream: Annotated[str, Form(max_length=1000)] = "",
    user: Annotated[str, Form(max_length=1000)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    blur: Annotated[str, Form(max_length=20)] = "none",
    keep_days: Annotated[str, Form(max_length=20)] = "30",
    on: Annotated[bool, Form()] = False,
    in_clear: Annotated[bool, Form()] = False,
    any_certificate: Annotated[bool, Form()] = False,
) -> Response:
    """Set it anew; a password that is left empty stays what it is, unless the user is empty."""
    _require_square(hub, account, square)
    days = int(keep_days) if keep_days.strip().isdecimal() else 0
    asked = Camera(*(on, snapshot.strip(), stream.strip(), in_clear, any_certificate, blur, days))
    try:
        checked(asked.body)
        await asyncio.to_thread(_put, hub, square, asked, (user.strip(), password), request)
    except UserError as error:
        return await _page(square, asked, request, hub, language, account, str(error), user)
    return RedirectResponse(f"/cameras/{quote(square, safe='')}", 303)


def _put(
    hub: Context, square: str, camera: Camera, asked: tuple[str, str], request: Request
) -> None:
    """Raises UserError."""
    who, now = by(request), time.time()
    user, password = asked
    known = hub.album.logins.of(square)
    before = camera_of(hub.squares.setting(square, KIND))
    elsewhere = (camera.snapshot, camera.stream) != (before.snapshot, before.stream)
    login = Login(user, password) if user and password else None
    if login:
        logins.check(login)
    elif user and (known is None or known.user != user or elsewhere):
        # the old password must not be sent to where somebody else listens
        raise UserError("Give the password with a new user or another address of the camera.")
    # before it is done: what nobody can write down is not done
    hub.people.audit(
        *(now, who.name, "camera", square),
        detail={**camera.body, "user": user, "new password": bool(password)},
        ip=who.ip,
    )
    if login or not user:
        hub.album.logins.put(square, login)
    hub.squares.put(square, KIND, camera.body, who.name, now)


@router.api_route("/pictures/{id}.jpg", methods=READ)
def picture(
    id: int,
    request: Request,
    hub: Hub,
    account: Annotated[Account, Depends(may("pictures"))],
) -> Response:
    """A picture of an incident. Who looks at it is told in the audit log."""
    kept = hub.album.one(id) if 0 < id < 2**63 else None
    if kept is None:
        raise HTTPException(404, "No such picture.")
    require(account, "pictures", kept.square, "No such picture.")
    found = hub.album.read(kept)
    if found is None:
        raise HTTPException(410 if kept.deleted else 404, "This picture is not there any more.")
    if hub.looks.is_new(account.id, id):
        who = by(request)
        hub.people.audit(
            *(time.time(), who.name, "picture_seen", f"{kept.square} #{kept.incident}", ""),
            *({"picture": id, "moment": kept.moment}, who.ip),
        )
    return Response(found, media_type="image/jpeg")


def _require_square(hub: Context, account: Account, square: str) -> None:
    require(account, "squares.change", square)
    hub.must_be(square)


async def _page(
    square: str,
    camera: Camera,
    request: Request,
    hub: Context,
    language: str,
    account: Account,
    fault: str = "",
    user: str = "",
) -> HTMLResponse:
    login = await asyncio.to_thread(hub.album.logins.of, square)
    return page(
        "camera.html",
        request,
        hub,
        language,
        account,
        422 if fault else 200,
        square=square,
        camera=camera,
        user=user or (login.user if login else ""),
        known=login is not None,
        blurs=BLURS,
        cannot_look=detector.missing(),
        fault=fault,
    )
