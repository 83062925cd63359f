"""What makes this unit this unit: settings.json on its flash."""

import json

_DEFAULTS = {
    "unit": "UNNAMED",
    # Added to the microphone profile's level of a full-scale sine, dB; from calibration.
    "calibration": 0.0,
    # (gain, shelves (k, g)) of this very microphone; None: its profile's.
    "equaliser": None,
    # Bands told with the live number: "octaves", "third-octaves" or None.
    "bands": None,
    "rules": {},
    "message": "warning_zh",
    # Bytes of flash the journal may fill before it gives up its oldest records.
    "journal": 2000000,
    "wifi": None,
    "hub": None,
    # Print every record on the serial console.
    "console": False,
}


def load(path="/settings.json"):
    """The settings, completed by the defaults."""
    settings = dict(_DEFAULTS)
    try:
        with open(path) as file:
            settings.update(json.load(file))
    except OSError:
        pass
    return settings
