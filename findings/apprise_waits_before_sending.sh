#!/usr/bin/env bash
# One guesses: a message to a WeCom application goes out as fast as two HTTP requests do.
# What happens: 5.5 s pass between asking for the token and sending the message: request_rate_per_sec
# is the time between any two requests of one plugin (not a rate, in spite of its name), and of most
# services it is 5.5.
# Why it matters: an alarm that should ring within 3 s is late before it has left.
# Mend: plugin.request_rate_per_sec = 0 on the instance, and a limit of one's own by what each
# service really takes a minute.
#
# Output seen:
#   apprise 2.3.0
#   as it is: 5.5 s for one message
#   request_rate_per_sec = 0: 0.0 s for one message
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check apprise==2.3.0

venv/bin/python - 2>/dev/null <<'PYTHON'
import sys
import time
from importlib.metadata import version
from unittest.mock import patch

import requests
from apprise import Apprise, AppriseAsset, PersistentStoreMode


def answered(*arguments, **options):
    answer = requests.Response()
    answer.status_code = 200
    answer._content = b'{"errcode": 0, "errmsg": "ok", "access_token": "t", "expires_in": 7200}'
    return answer


def took(rate):
    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY)
    plugin = Apprise.instantiate("wechat://corp:secret@1000002/@wang", asset=asset)
    if rate is not None:
        plugin.request_rate_per_sec = rate
    begin = time.monotonic()
    with patch("requests.get", answered), patch("requests.post", answered):
        assert plugin.notify("alarm")
    return time.monotonic() - begin


print("apprise", version("apprise"))
slow, fast = took(None), took(0)
print(f"as it is: {slow:.1f} s for one message")
print(f"request_rate_per_sec = 0: {fast:.1f} s for one message")
sys.exit(0 if slow > 5 and fast < 1 else "No longer so.")
PYTHON
