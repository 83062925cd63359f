"""What makes this unit this unit: settings.json and the manager's policy.json on its flash."""

import json
import sys

# What only `load_policy` needs.
_READERS = ("policy", "schema", "readers", "area_limits")

# A file full of faults still makes one boot record that the hub takes.
_LONGEST_FAULT = 1000  # characters

_DEFAULTS = {
    "unit": "UNNAMED",
    # Added to the microphone profile's level of a full-scale sine, dB; from calibration.
    "calibration": 0.0,
    # (gain, shelves (k, g)) of this very microphone; None: its profile's.
    "equaliser": None,
    # Bands told with the live number: "octaves", "third-octaves" or None.
    "bands": None,
    # The keys in it: tamer/judge/schema.py. Without the file all have their shipped defaults.
    "policy": "/policy.json",
    # The nightly self-check: what of self_check.SHIPPED is to be otherwise, or None: no check.
    "self_check": None,
    # Bytes of flash the journal may fill before it gives up its oldest records.
    "journal": 2000000,
    "wifi": None,
    "hub": None,
    # Print every record on the serial console.
    "console": False,
}


def load(path="/settings.json", memory=None):
    """The settings, completed by the defaults.

    `memory`: the chip's own (esp32.NVS), where the hub's secret is when the file has none: it
    survives a wiped file system and is in no copy of the files.
    """
    settings = dict(_DEFAULTS)
    try:
        with open(path) as file:
            settings.update(json.load(file))
    except OSError:
        pass
    hub = settings["hub"]
    if hub and "secret" not in hub and memory is not None:
        hub["secret"] = _secret(memory)
    return settings


def _secret(memory):
    value = bytearray(64)
    try:
        length = memory.get_blob("mqtt", value)
    except OSError:
        return ""
    return bytes(value[:length]).decode()


def load_policy(path):
    """(Policy, what is wrong with the file or None); without a good one, the shipped one."""
    from tamer.judge import policy

    try:
        with open(path) as file:
            found = policy.read(json.load(file)), None
    except OSError:
        found = policy.read({}), None
    except ValueError as wrong:
        found = policy.read({}), str(wrong)[:_LONGEST_FAULT] or "not JSON"
    # Parsing peaks at 20 times a policy's size and happens once: unload the parsers.
    for name in _READERS:
        del sys.modules["tamer.judge." + name]
        delattr(sys.modules["tamer.judge"], name)
    return found
