"""What makes this unit this unit: settings.json and the manager's policy.json on its flash.

People edit both files, and a file system can be spoilt. So the last good copy of each is in the
chip's own memory, which neither reaches.
"""

from tamer import blob, kept_file, unload

# What only `load_policy` needs.
_READERS = ("policy", "schema", "consistency", "readers", "area_limits")

_DEFAULTS = {
    "unit": "UNNAMED",
    # Added to the microphone profile's level of a full-scale sine, dB; from calibration. None:
    # it is lost, so no level of this box may be trusted.
    "calibration": 0.0,
    # (gain, shelves (k, g)) of this very microphone; None: its profile's.
    "equaliser": None,
    # Bands told with the live number: "octaves", "third-octaves" or None.
    "bands": None,
    # The keys in it: tamer/judge/schema.py. Without the file all have their shipped defaults.
    "policy": "/policy.json",
    # The nightly self-check: what of self_check.SHIPPED is to be otherwise, or None: no check.
    "self_check": None,
    "wifi": None,
    "hub": None,
    # Who is asked for the time, one after the other, and then the network's own gateway.
    "ntp": ("ntp.aliyun.com", "ntp.ntsc.ac.cn", "cn.pool.ntp.org", "pool.ntp.org"),
    # Print every record on the serial console.
    "console": False,
}

# Bytes. Parsing takes some 20 times as much, of a heap that has to hold all the rest later.
MOST_SETTINGS = 3000

MOST_AUTHORITY = 2000

# Characters of a name or a key.
MOST_TEXT = 200

# Far more than two microphones of one kind differ, dB.
_MOST_CALIBRATION = 40


def load(path="/settings.json", memory=None):
    """(settings, what is wrong with the file or None); the defaults complete them.

    `memory`: the chip's own (esp32.NVS). It has the copy that stands in for a file that is
    missing or spoilt, and the unit's name, the hub's secret and the key of its orders
    where the file has none. The key of the chain is looked for in `chain_keys`.
    """
    settings, fault, is_new = kept_file.read(path, memory, "settings", MOST_SETTINGS, _settings)
    if settings is None:
        settings = dict(_DEFAULTS)
        if fault:
            settings["calibration"] = None
            # Whoever comes with a cable is to see why.
            settings["console"] = True
    if memory is not None:
        if settings["unit"] == _DEFAULTS["unit"]:
            settings["unit"] = _text(memory, "serial") or settings["unit"]
        if settings["hub"]:
            for key, kept in (("secret", "mqtt"), ("command", "command")):
                settings["hub"].setdefault(key, _text(memory, kept))
    return settings, "changed since the last start" if is_new else fault


def plain(settings, with_hub):
    """Of these settings what a box cannot do without: who it is, and how loud it hears."""
    kept = ("unit", "calibration", "console")
    if with_hub:
        kept += ("wifi", "hub")
    return dict(_DEFAULTS, policy=None, **{key: settings[key] for key in kept})


def load_policy(path, memory=None):
    """(Policy, what is wrong with the file or None); without a good one, the last good copy, and
    without that, or where `path` is None, the shipped one."""
    from tamer.judge import policy

    found, fault = None, None
    if path:
        found, fault, _ = kept_file.read(path, memory, "policy", policy.MOST_BYTES, policy.read)
    if found is None:
        found = policy.read({})
    return found, fault


def unload_readers():
    """Parsing happens once."""
    unload("tamer.judge", *_READERS)


def mend_authority(hub, memory=None):
    """What was wrong with the file of the hub's authority, or None; its copy stands in for it.

    hub: of the settings. Without a hash in it nothing is known of the file.
    """
    if not hub or "ca_sha256" not in hub:
        return None
    return kept_file.mend(hub["ca"], memory, "ca", MOST_AUTHORITY, hub["ca_sha256"])


def _text(memory, key):
    return blob(memory, key, 64).decode()


def _settings(table):
    """The settings in a file's table. Raises ValueError for the first that cannot be."""
    if not isinstance(table, dict):
        raise ValueError("not a table")  # noqa: TRY004
    for key, (must_be, is_so) in _MUST_BE.items():
        if key in table and not is_so(table[key]):
            raise ValueError("%s must be %s" % (key, must_be))
    settings = dict(_DEFAULTS)
    settings.update(table)
    return settings


def _is_text(value):
    return isinstance(value, str) and 0 < len(value) <= MOST_TEXT


def _is_key(value):
    return value == "" or _is_text(value)


def _is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value):
    if isinstance(value, float):
        return value - value == 0  # neither infinite nor nothing at all
    return _is_whole(value)


def _is_equaliser(value):
    """[gain, [[k, g], ...]]."""
    if value is None:
        return True
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], list):
        return False
    numbers = [value[0]]
    for shelf in value[1]:
        if not isinstance(shelf, list) or len(shelf) != 2:
            return False
        numbers += shelf
    return all([_is_number(number) for number in numbers])


def _is_self_check(value):
    """Of self_check.Plan, what is to be otherwise."""
    if value is None:
        return True
    if not isinstance(value, dict):
        return False
    whole = [value.get(key, 0) for key in ("since", "until", "quiet", "volume")]
    tones = value.get("tones", [1000])
    if not isinstance(tones, list) or not tones:
        return False
    return all([_is_whole(number) for number in whole + tones])


def _is_wifi(value):
    if value is None:
        return True
    # An open network has the key "".
    return isinstance(value, dict) and _is_text(value.get("ssid")) and _is_key(value.get("key"))


def _is_hub(value):
    if value is None:
        return True
    if not isinstance(value, dict) or not _is_whole(value.get("port")):
        return False
    texts = [value.get(key) for key in ("host", "name", "ca")]
    may_be_empty = [value.get(key, "") for key in ("secret", "command", "chain", "ca_sha256")]
    return all([_is_text(text) for text in texts] + [_is_key(text) for text in may_be_empty])


def _is_ntp(value):
    return isinstance(value, list) and len(value) <= 8 and all([_is_text(each) for each in value])


_MUST_BE = {
    "unit": ("text", _is_text),
    "calibration": (
        "a number of dB, at most %d" % _MOST_CALIBRATION,
        lambda value: _is_number(value) and abs(value) <= _MOST_CALIBRATION,
    ),
    "equaliser": ("null or [gain, [[k, g], ...]]", _is_equaliser),
    "bands": (
        'null, "octaves" or "third-octaves"',
        lambda value: value in (None, "octaves", "third-octaves"),
    ),
    "policy": ("a path", _is_text),
    "self_check": ("null or a table of whole numbers", _is_self_check),
    "wifi": ("null or a table with ssid and key", _is_wifi),
    "hub": ("null or a table with host, port, name and ca", _is_hub),
    "ntp": ("a list of at most 8 names or addresses", _is_ntp),
    "console": ("true or false", lambda value: isinstance(value, bool)),
}
