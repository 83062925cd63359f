"""Evidence verified by whoever holds it, in the browser: no login, no upload, also from disk."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from noisetamer import proof
from noisetamer.hub.web.allowed import anyone, session_of
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.templates import TEMPLATES, page
from noisetamer.hub.words.i18n import Texts

COMMAND = Path(proof.__path__[0]) / "verify_evidence.py"
_STATIC = Path(__file__).with_name("static")
_MODULES = _STATIC / "verify"

# What runs there can send nothing anywhere.
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
POLICY = (
    f"{_NOTHING}; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; "
    "frame-ancestors 'none'"
)

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)

router = APIRouter(dependencies=[Depends(anyone)])


@router.api_route("/verify", methods=READ, response_class=HTMLResponse)
async def verify(request: Request, hub: Hub, language: Language) -> Response:
    """The page for it."""
    session = session_of(request)
    account = session.account if session else None
    words = _words(hub.texts[language])
    answer = page("verify.html", request, hub, language, account, words=words)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@router.api_route("/verify/saved", methods=READ)
async def saved(hub: Hub, language: Language) -> Response:
    """The same page in one file, to be kept and opened without a hub."""
    texts = hub.texts[language]
    policy, style, script = one_file("page", (_STATIC / "base.css", _MODULES / "verify.css"))
    html = TEMPLATES.get_template("verify-saved.html").render(
        texts=texts, words=_words(texts), policy=policy, style=style, script=script
    )
    name = f'attachment; filename="verify-{language}.html"'
    return HTMLResponse(html, headers={"Content-Disposition": name})


@router.api_route("/verify/verify_evidence.py", methods=READ)
async def command() -> Response:
    """The one file that does the same on a command line."""
    return FileResponse(COMMAND, media_type="text/x-python", filename=COMMAND.name)


def _words(texts: Texts) -> dict[str, Any]:
    """What the script says: of the command, and of the page."""
    # only now: the hub needs nothing else of it
    from noisetamer.proof import verify_evidence

    own = {key: text for key, text in texts.items() if key.startswith("verify_")}
    return {"words": verify_evidence.WORDS, "page": own, "language": texts["language"]}


@cache
def one_file(first: str, styles: tuple[Path, ...]) -> tuple[str, str, str]:
    """(the policy, the style, the script) of a page that is one file. first: the module that
    begins."""
    style = "\n".join(file.read_text(encoding="utf-8") for file in styles)
    script = one_script(first)
    policy = f"{_NOTHING}; script-src {_hash(script)}; style-src {_hash(style)}"
    return policy, style, script


@cache
def one_script(first: str = "page") -> str:
    """The modules one after the other, each in a function of its own: from a disk a browser
    loads no module of another file."""
    made: dict[str, str] = {}

    def add(name: str) -> None:
        source = (_MODULES / f"{name}.js").read_text(encoding="utf-8")
        for _, other in _IMPORT.findall(source):
            if other not in made:
                add(other)
        exported = ", ".join(_EXPORT.findall(source))
        body = _EXPORT.sub("", _IMPORT.sub(r"const \1 = $\2;\n", source))
        made[name] = f"const ${name} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"

    add(first)
    return "".join(made.values())


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
