"""What the published schema of NoiseLevelObserved demands, without its words.

Smart Data Models, dataModel.Environment/NoiseLevelObserved/schema.json 0.2.1, with what it takes
from data-models/common-schema.json (GSMA-Commons, Location-Commons); the models are CC BY 4.0.
Entities are validated in key-values form, which the schema describes.
"""

from typing import Any

_ID = {
    "anyOf": [
        {
            "type": "string",
            "minLength": 1,
            "maxLength": 256,
            "pattern": r"^[\w\-\.\{\}\$\+\*\[\]`|~^@!,:\\]+$",
        },
        {"type": "string", "format": "uri"},
    ]
}
_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_NUMBER = {"type": "number"}
_POINT = {
    "type": "object",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"type": "string", "enum": ["Point"]},
        "coordinates": {"type": "array", "minItems": 2, "items": _NUMBER},
        "bbox": {"type": "array", "minItems": 4, "items": _NUMBER},
    },
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        # GSMA-Commons
        "id": _ID,
        "dateCreated": _TIME,
        "dateModified": _TIME,
        "source": _TEXT,
        "name": _TEXT,
        "alternateName": _TEXT,
        "description": _TEXT,
        "dataProvider": _TEXT,
        "owner": {"type": "array", "items": _ID},
        # Location-Commons, of which only points are sent
        "location": _POINT,
        "areaServed": _TEXT,
        # NoiseLevelObserved
        "type": {"type": "string", "enum": ["NoiseLevelObserved"]},
        "dateObserved": _TEXT,
        "dateObservedFrom": _TIME,
        "dateObservedTo": _TIME,
        "sonometerClass": {"type": "string", "enum": ["0", "1", "2"]},
        "refDevice": _ID,
        "refPointOfInterest": _ID,
        "refWeatherObserved": _ID,
        "LAS": _NUMBER,
        "LAeq": _NUMBER,
        "LAeq_d": _NUMBER,
        "LAmax": _NUMBER,
        "obstacles": _TEXT,
        "heightAverage": _TEXT,
        "distanceAverage": _TEXT,
    },
    "required": ["id", "type", "dateObservedFrom", "dateObservedTo", "location"],
}

OF_THE_MODEL = frozenset(SCHEMA["properties"])
