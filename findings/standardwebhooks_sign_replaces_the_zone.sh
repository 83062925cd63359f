#!/usr/bin/env bash
# One guesses: an aware datetime is a moment; Webhook.sign() of standardwebhooks, which takes one,
# signs that moment's Unix time, whatever zone it is written in.
# What happens: sign() does timestamp.replace(tzinfo=utc): the digits of the clock stay, the zone is
# thrown away. 10:27 in Shanghai is signed as 10:27 UTC, eight hours in the future.
# Why it matters: the header webhook-timestamp has the true time, the signature another one. Each
# receiver refuses each message ("No matching signature found"), and it looks like a wrong secret.
# In UTC, where tests run, all is well.
# Mend: timestamp.astimezone(timezone.utc) before sign(), or sign f"{id}.{unix}.{body}" with hmac:
# it is three lines.
#
# Output seen:
#   standardwebhooks 1.1.0
#   UTC            v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
#   Asia/Shanghai  v1,Qlsmr4kqueI7QUtncSIJ4xdR9JXVBGKjX6VqRZvC4oA=  the same moment
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check standardwebhooks==1.1.0

venv/bin/python - <<'PYTHON'
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

from standardwebhooks import Webhook

print("standardwebhooks", version("standardwebhooks"))
# the library's own vector
hook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
utc = datetime.fromtimestamp(1614265330, timezone.utc)
shanghai = utc.astimezone(timezone(timedelta(hours=8)))
assert utc == shanghai
signed = [
    hook.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", moment, '{"test": 2432232314}')
    for moment in (utc, shanghai)
]
print("UTC           ", signed[0])
print("Asia/Shanghai ", signed[1], " the same moment")
assert signed[0] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
sys.exit(0 if signed[0] != signed[1] else "No longer so: one moment has one signature.")
PYTHON
