#!/usr/bin/env bash
# One guesses: notify() is true when the service has taken the message.
# What happens: of DingTalk, WeCom's robots and others any HTTP 200 counts as sent, and these answer
# 200 whatever becomes of a message: what is wrong stands in the body, which is not looked at (of
# Feishu it is). The service's answer is handed to nobody.
# Why it matters: a robot whose keyword is missing, or whose key was withdrawn, takes every alarm
# without a word of complaint, and nobody is called.
# Mend: listen to requests.Session.send while notify() runs, and judge the body by the service's own
# table of codes.
#
# Output seen:
#   apprise 2.3.0
#   DingTalk answers {"errcode": 310000, "errmsg": "keywords not in content"}: notify() is True
#   WeCom answers {"errcode": 93000, "errmsg": "invalid webhook url"}: notify() is True
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check apprise==2.3.0

venv/bin/python - 2>/dev/null <<'PYTHON'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from urllib.parse import urlsplit

from apprise import Apprise
from requests.adapters import HTTPAdapter

answer = {}


class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
send = HTTPAdapter.send


def here(adapter, request, **options):
    """Whatever the host: to this machine."""
    request.url = f"http://127.0.0.1:{server.server_address[1]}{urlsplit(request.url).path}"
    return send(adapter, request, **{**options, "proxies": {}})


HTTPAdapter.send = here
print("apprise", version("apprise"))
results = []
for name, url, answer in (
    ("DingTalk", f"dingtalk://{'a' * 64}", {"errcode": 310000, "errmsg": "keywords not in content"}),
    ("WeCom", "wecombot://WRONG-KEY", {"errcode": 93000, "errmsg": "invalid webhook url"}),
):
    results.append(bool(Apprise.instantiate(url).notify("alarm")))
    print(f"{name} answers {json.dumps(answer)}: notify() is {results[-1]}")
sys.exit(0 if all(results) else "No longer so: the answer is looked at.")
PYTHON
