"""What a unit is told of its place: square, Wi-Fi, hub and policy, from a file for people."""

import base64
import hashlib
import ipaddress
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from noisetamer.base import toml_file
from noisetamer.base.errors import UserError
from noisetamer.proof import rsa
from noisetamer.unit.policy import file as policy_file
from noisetamer.unit.policy import messages
from tamer import settings as box
from tamer.judge import policy
from tamer.record import release

POLICY_FILE, CA_FILE, SETTINGS_FILE = "/policy.json", "/hub.der", "/settings.json"
ROOT_FILE = "/root.key"

_KEYS = {"square": str, "policy": str, "wifi": dict, "ntp": list, "hub": dict, "root": str}
_WIFI_KEYS = {"ssid": str, "key": str}
_HUB_KEYS = {"host": str, "port": int, "name": str, "ca": str}
_MQTT_TLS = 8883
_MOST_NTP = 8  # as the firmware takes

# As the box has room for (tamer.record.release).
_ROOT_BITS = (2048, 3072, 4096)

# IEEE 802.11-2020: an SSID's bytes (9.4.2.2); a passphrase, or the PSK itself (J.4.1). An open
# network has the key "".
_MOST_SSID = 32
_WPA_KEY = re.compile(r"[ -~]{8,63}|[0-9A-Fa-f]{64}|")

# RFC 1123, 2.1; with the underscore, which names in private networks have.
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")


@dataclass(frozen=True)
class Setup:
    """wifi: {ssid, key}; hub: {host, port, name}; ca: its authority's certificate, DER;
    policy: the table as the box reads it. None or empty: a unit that works by itself. ntp: who is
    asked for the time; empty: whoever the firmware knows; root: who signs its releases, as the box
    has it (tamer.record.release); empty: it takes none over the air.
    """

    square: str = ""
    wifi: dict[str, Any] | None = field(default=None, repr=False)
    hub: dict[str, Any] | None = None
    ca: bytes = b""
    policy: dict[str, Any] = field(default_factory=dict)
    ntp: list[str] = field(default_factory=list)
    root: str = ""

    @property
    def policy_hash(self) -> str:
        """As the box says it in its record `boot`: 12 hex digits."""
        return policy.hash_of(self.policy)[:12]

    def settings(self, serial: str) -> dict[str, Any]:
        """What of the box's settings.json is ours; the rest, calibration above all, stays."""
        hub = None
        if self.hub:
            digest = hashlib.sha256(self.ca).hexdigest()
            hub = {**self.hub, "ca": CA_FILE, "ca_sha256": digest}
        ours = {"unit": serial, "console": True, "wifi": self.wifi, "hub": hub}
        return {**ours, "ntp": self.ntp} if self.ntp else ours

    def files(self) -> dict[str, bytes]:
        """The other files, by path."""
        files = {POLICY_FILE: policy_file.on_box(self.policy)}
        if self.hub:
            files[CA_FILE] = self.ca
        if self.root:
            files[ROOT_FILE] = self.root.encode()
        return files

    def facts(self) -> dict[str, Any]:
        """What may be seen of it: no key."""
        return {
            "square": self.square,
            "policy": self.policy_hash,
            "policy_name": self.policy.get("name", ""),
            "ssid": self.wifi["ssid"] if self.wifi else None,
            "hub": f"{self.hub['host']}:{self.hub['port']}" if self.hub else None,
            "root": hashlib.sha256(self.root.encode()).hexdigest()[:16] if self.root else None,
        }

    def to_table(self) -> dict[str, Any]:
        """As JSON carries it, with the key of the Wi-Fi: to be sealed."""
        return {**asdict(self), "ca": base64.b64encode(self.ca).decode()}


def from_table(table: dict[str, Any]) -> Setup:
    """Undoes `Setup.to_table`."""
    return Setup(**{**table, "ca": base64.b64decode(table["ca"])})


def read(file: Path) -> Setup:
    """The setup in a TOML file; files it names lie beside it. Raises UserError.

    square = "People's Square"
    policy = "square_policy.toml"    # or the name of one that is shipped
    wifi = { ssid = "...", key = "..." }
    ntp = ["192.168.1.1"]            # time servers of this place; else public ones are asked
    hub = { host = "192.168.1.10", port = 8883, name = "hub.local", ca = "ca.der" }
    root = "root.pub"                # whose releases it takes; without it, by cable only
    """
    table = toml_file.read(file)
    _only(file, "", table, _KEYS)
    wifi, hub = table.get("wifi"), table.get("hub")
    ca = b""
    if wifi is not None:
        _only(file, "wifi.", wifi, _WIFI_KEYS)
        _needs(file, "wifi.", wifi, ["ssid", "key"])
        _can_be_joined(file, wifi)
    if hub is not None:
        if wifi is None:
            raise UserError(f"{file}: hub: a unit reaches it by Wi-Fi only: add wifi.")
        _only(file, "hub.", hub, _HUB_KEYS)
        _needs(file, "hub.", hub, ["host", "ca"])
        ca = _certificate(file, hub["ca"])
        hub = {
            "host": hub["host"],
            "port": hub.get("port", _MQTT_TLS),
            # Who the certificate must be for, where that is not the address.
            "name": hub.get("name", hub["host"]),
        }
        _can_be_reached(file, hub)
    rules = _policy(file, table["policy"]) if "policy" in table else {}
    ntp = table.get("ntp", [])
    _can_be_asked(file, ntp)
    root = _root(file, table["root"]) if "root" in table else ""
    return Setup(table.get("square", ""), wifi, hub, ca, rules, ntp, root)


def _can_be_joined(file: Path, wifi: dict[str, Any]) -> None:
    bytes_of_ssid = len(wifi["ssid"].encode())
    if not 1 <= bytes_of_ssid <= _MOST_SSID:
        raise UserError(
            f"{file}: wifi.ssid: has {bytes_of_ssid} bytes in UTF-8, a network's name has 1 to "
            f"{_MOST_SSID}: give the name as the access point has it."
        )
    if not _WPA_KEY.fullmatch(wifi["key"]):
        raise UserError(
            f"{file}: wifi.key: is no WPA key: give 8 to 63 ASCII characters or 64 hexadecimal "
            'digits; an open network has "".'
        )


def _can_be_reached(file: Path, hub: dict[str, Any]) -> None:
    for key in ("host", "name"):
        if not _is_host(hub[key]):
            raise UserError(
                f'{file}: hub.{key}: "{hub[key]}" is no host name or IPv4 address: give it alone, '
                'without http:// and port, such as "192.168.1.10" or "hub.example.cn".'
            )
    if not 1 <= hub["port"] <= 65535:
        raise UserError(f"{file}: hub.port: is {hub['port']}, a TCP port is 1 to 65535.")


def _is_host(text: str) -> bool:
    if not re.search("[^0-9.]", text):
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            return False
        # 0.0.0.0, of a group, of everybody: nobody answers there.
        return not (address.is_unspecified or address.is_multicast or address.is_reserved)
    # DNS has names of 253 characters, but no box keeps more than this.
    return len(text) <= box.MOST_TEXT and _HOST_NAME.fullmatch(text) is not None


def _can_be_asked(file: Path, ntp: list[Any]) -> None:
    if len(ntp) > _MOST_NTP or not all(isinstance(name, str) and _is_host(name) for name in ntp):
        raise UserError(
            f"{file}: ntp: must be a list of at most {_MOST_NTP} host names or IPv4 addresses."
        )


def _policy(file: Path, name: str) -> dict[str, Any]:
    """The table of a policy beside the file, or of a shipped one."""
    try:
        chosen = policy_file.load(str(file.parent / name) if Path(name).suffix else name)
    except UserError as wrong:
        raise UserError(f"{file}: policy: {wrong}") from None
    chosen.policy()
    messages.must_be_there(chosen)
    return chosen.table


def _certificate(file: Path, name: str) -> bytes:
    path = file.parent / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{file}: hub.ca: {path} cannot be read ({error.strerror or error}): copy "
            "certificates/ca.der from the hub's data folder."
        ) from None
    # A DER certificate is a SEQUENCE; MicroPython does not read PEM.
    if content[:1] != b"\x30":
        raise UserError(f"{file}: hub.ca: {path} is no DER certificate: take ca.der, not ca.pem.")
    if len(content) > box.MOST_AUTHORITY:
        raise UserError(
            f"{file}: hub.ca: {path} has {len(content)} bytes, a box keeps {box.MOST_AUTHORITY}: "
            "take certificates/ca.der from the hub's data folder."
        )
    return content


def _root(file: Path, name: str) -> str:
    """A public key as the box has it."""
    try:
        key = rsa.read_public(file.parent / name)
    except UserError as wrong:
        raise UserError(f"{file}: root: {wrong}") from None
    bits = key.key_size
    if bits not in _ROOT_BITS:
        raise UserError(
            f"{file}: root: {name} has {bits} bits, a box verifies by 2048, 3072 or 4096: give "
            "the root.pub that 'noisetamer keys root' made."
        )
    return release.modulus_text(rsa.modulus(key)) + "\n"


def _only(file: Path, prefix: str, table: dict[str, Any], known: dict[str, type]) -> None:
    for key, value in table.items():
        if key not in known:
            raise UserError(f"{file}: {prefix}{key}: unknown; there is: {', '.join(known)}.")
        if not isinstance(value, known[key]) or isinstance(value, bool):
            kind = {str: "text", int: "a whole number", dict: "a table", list: "a list"}[
                known[key]
            ]
            raise UserError(f"{file}: {prefix}{key}: must be {kind}.")


def _needs(file: Path, prefix: str, table: dict[str, Any], keys: list[str]) -> None:
    for key in keys:
        if key not in table:
            raise UserError(f"{file}: {prefix}{key}: is missing.")
