#!/usr/bin/env bash
# One guesses: a SensorThings service that answers 201 Created to CreateObservations has kept them;
# and one with "full SensorThings API v1.1 compliance" knows a phenomenonTime that is an interval,
# as each Leq has (18-088, 8.2.6: TM_Object).
# What happens: django-ogc-sensorthings (HydroServer's) writes the interval's text into a DateTimeField
# of its own Django backend. Alone, an Observation is a 500. In a data array, one interval makes all
# of its Datastream's rows "error", under 201; the reason is swallowed. With instants all is well.
# The 201 is the standard's own (13.2: "error" in place of a link), FROST's too.
# Why it matters: a client that looks at the status believes that everything was kept, and lets go
# of it; nothing is there.
# Mend: read the list; phenomenonTime as the instant of the period's end where the service wants it.
#
# Output seen:
#   django-ogc-sensorthings 1.2.0
#   instant   201 kept 1 of 1
#   interval  201 kept 0 of 1, said ["error"]
#   alone     500
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check \
    django-ogc-sensorthings==1.2.0 django==5.2.19 django-ninja==1.7.1 pydantic==2.14.4

venv/bin/python - <<'PYTHON'
import contextlib
import io
import json
import sys
from importlib.metadata import version
from uuid import UUID

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

PACKAGE = "sensorthings.versions.v1_1"
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "kept.sqlite3"}},
    INSTALLED_APPS=[PACKAGE, f"{PACKAGE}.backends.django", f"{PACKAGE}.extensions.dataarray"],
    ROOT_URLCONF="__main__",
    SECRET_KEY="x",
    SENSORTHINGS_V1_1_BACKEND_ADAPTER=f"{PACKAGE}.backends.django.adapter.DjangoBackendAdapter",
    SENSORTHINGS_V1_1_ID_DELIMITER="'",
    SENSORTHINGS_V1_1_ID_TYPE=UUID,
    SENSORTHINGS_V1_1_SERVICE_URL="http://testserver/sensorthings",
    USE_TZ=True,
)
django.setup()
urlpatterns = [path("sensorthings/", include(f"{PACKAGE}.urls"))]
call_command("migrate", verbosity=0)

from django.test import Client  # noqa: E402

client = Client(raise_request_exception=False)
ROOT = "/sensorthings/v1.1"


def post(name, body):
    return client.post(f"{ROOT}/{name}", json.dumps(body), content_type="application/json")


def ids(name):
    return [one["@iot.id"] for one in client.get(f"{ROOT}/{name}").json()["value"]]


named = {"name": "a", "description": "b"}
point = {"type": "Point", "coordinates": [121.5, 31.2]}
where = {**named, "encodingType": "application/geo+json", "location": point}
post("Things", {**named, "Locations": [where]})
post("Sensors", {**named, "encodingType": "text/html", "metadata": "c"})
post("ObservedProperties", {**named, "definition": "urn:example:LAeq"})
post(
    "Datastreams",
    {
        **named,
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": "decibel", "symbol": "dB(A)", "definition": "urn:x"},
        "Thing": {"@iot.id": ids("Things")[0]},
        "Sensor": {"@iot.id": ids("Sensors")[0]},
        "ObservedProperty": {"@iot.id": ids("ObservedProperties")[0]},
    },
)
stream = {"@iot.id": ids("Datastreams")[0]}
print("django-ogc-sensorthings", version("django-ogc-sensorthings"))
found = []
for name, time in (
    ("instant", "2026-11-01T02:27:00Z"),
    ("interval", "2026-11-01T02:28:00Z/2026-11-01T02:29:00Z"),
):
    before = len(ids("Observations"))
    rows = [[time, 65.4]]
    answer = post(
        "CreateObservations",
        [
            {
                "Datastream": stream,
                "components": ["phenomenonTime", "result"],
                "dataArray@iot.count": 1,
                "dataArray": rows,
            }
        ],
    )
    kept = len(ids("Observations")) - before
    said = "" if kept else f", said {answer.content.decode()}"
    print(f"{name:8}  {answer.status_code} kept {kept} of 1{said}")
    found.append((answer.status_code, kept))
with contextlib.redirect_stderr(io.StringIO()):  # its traceback
    alone = post("Observations", {"Datastream": stream, "phenomenonTime": time, "result": 65.4})
print(f"alone     {alone.status_code}")
sys.exit(
    0
    if found == [(201, 1), (201, 0)] and alone.status_code == 500
    else "No longer so: an interval is kept, or the answer says that it was not."
)
PYTHON
