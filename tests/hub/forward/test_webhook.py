"""Webhooks: the specification's own vector, somebody else's verifier, and a receiver's answers."""

import asyncio
import base64
import json
import time
from typing import Any

import pytest
from service_beside import Reply, Service, service
from some_facts import NOON, SQUARE, around, asked, event, period
from standardwebhooks import Webhook, WebhookVerificationError

from noisetamer.hub.forward import webhook
from noisetamer.hub.forward.facts import INCIDENT, Fact
from noisetamer.hub.forward.format import Sent, Unreachable

# libraries/python/tests/test_webhooks.py of standard-webhooks
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def sent(there: Service, *facts: Fact, now: float = NOON, **keys: Any) -> Sent:
    async def send() -> Sent:
        keys.setdefault("secret_file", SECRET)
        made = webhook.make(
            asked(webhook, url=f"{there.url}/hook", private=True, **keys), around(now)
        )
        try:
            return await made.send(facts)
        finally:
            await made.close()

    return asyncio.run(send())


def test_the_vector_of_the_specification():
    key = webhook.key_of(SECRET)
    assert key is not None
    signed = webhook.signature(
        key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_its_library_verifies_what_is_sent_and_nothing_else():
    with service() as there:
        assert sent(there, event(), now=time.time(), old_secret_file=OLD) == Sent(1)
    (got,) = there.got
    headers = dict(got.headers)
    for secret in (SECRET, OLD):  # both, while receivers change over
        told = Webhook(secret).verify(got.body, headers)
    assert told["type"] == "noise.event.stage"
    assert told["data"]["square"] == SQUARE
    assert told["data"]["fields"] == {"from": "green", "to": "red", "limit": 60.0, "level": 66.7}
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    changed = {**headers, "webhook-id": headers["webhook-id"] + "0"}
    for secret, body, heads in (
        (other, got.body, headers),
        (SECRET, got.body.replace(b"red", b"off"), headers),
        (SECRET, got.body, changed),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, heads)


def test_an_old_request_that_is_sent_again_by_a_stranger_is_refused():
    with service() as there:
        sent(there, event(), now=time.time() - 301)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(there.got[0].body, dict(there.got[0].headers))


def test_sent_again_it_has_its_id_and_a_new_time():
    with service(lambda _: Reply(503, headers={"Retry-After": "9"})) as there:
        with pytest.raises(Unreachable) as caught:
            sent(there, event(), event(since=NOON + 9))
        there.answer = lambda _: Reply(202)
        sent(there, event(), event(since=NOON + 9), now=NOON + 40)
    assert (caught.value.taken, caught.value.after) == (0, 9.0)
    first, again, second = (
        [got.headers[f"webhook-{name}"] for name in ("id", "timestamp")] for got in there.got
    )
    assert again == [first[0], str(int(first[1]) + 40)]
    assert second[0] != first[0]
    assert there.got[0].headers["webhook-signature"] != there.got[1].headers["webhook-signature"]


def test_a_correction_is_a_message_of_its_own_under_the_key_of_what_it_corrects():
    ids, keys = zip(
        *(
            (id, json.loads(body)["data"]["key"])
            for id, body in map(webhook.message, (period(), period(LAeq=660, late=True)))
        ),
        strict=True,
    )
    assert len(set(ids)) == 2
    assert len(set(keys)) == 1


def test_a_minute_tells_how_much_of_it_is_known_and_why_the_rest_is_not():
    _, body = webhook.message(period(reasons={"wind": 2, "not received": 1}))
    told = json.loads(body)
    assert (told["type"], told["timestamp"]) == ("noise.minute", "2026-11-01T02:28:00Z")
    data = told["data"]
    assert (data["from"], data["to"]) == ("2026-11-01T02:27:00Z", "2026-11-01T02:28:00Z")
    assert data["levels"]["LAeq"] == 65.4
    assert (data["coverage"], data["valid_seconds"], data["seconds"]) == (0.95, 57, 60)
    assert data["invalid"] == {"wind": 2, "not received": 1}


def test_an_incident_names_its_levels_in_decibels():
    fields = {"id": 7, "level": 712, "limit": None, "state": "open"}
    incident = Fact(INCIDENT, "i7 opened", "", "", "S", NOON, NOON, what="opened", fields=fields)
    told = json.loads(webhook.message(incident)[1])
    assert told["type"] == "noise.incident.opened"
    assert told["data"]["fields"] == {"id": 7, "level": 71.2, "limit": None, "state": "open"}


def test_every_2xx_is_success_and_a_bad_request_keeps_no_other_out():
    with service(lambda _: Reply(201)) as there:
        there.answers = [Reply(200), Reply(400, b"what is this")]
        found = sent(there, event(), event(since=NOON + 1), event(since=NOON + 2))
    assert found == Sent(2, {1: "HTTP 400 what is this"})


def test_whoever_wants_no_more_is_left_alone_for_an_hour():
    with service(lambda _: Reply(410)) as there, pytest.raises(Unreachable) as caught:
        sent(there, event())
    assert caught.value.after == 3600
    assert "take it out of the file" in str(caught.value)


@pytest.mark.parametrize("secret", ["", "whsec_", "password", "whsec_c2hvcnQ=", "whsec_ö"])
def test_a_secret_that_is_none_is_said(secret: str):
    usual = {name: key.default for name, key in webhook.KEYS.items()}
    keys = {**usual, "url": "https://there.example/", "secret_file": secret or "x"}
    ((key, why),) = webhook.judge(keys)
    assert key == "secret_file"
    assert "openssl rand -base64 32" in why
