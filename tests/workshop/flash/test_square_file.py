"""The file that tells units of their place."""

import hashlib
import json
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.proof import public_key, rsa
from noisetamer.workshop.flash.square_file import Setup, from_table, read
from tamer import settings
from tamer.judge import policy
from tamer.record import release

WHOLE = """
square = "人民广场"
policy = "rules.toml"
wifi = { ssid = "square", key = "a long key" }
hub = { host = "192.168.1.10", name = "hub.local", ca = "ca.der" }
"""


def square_file(folder: Path, text: str) -> Path:
    (folder / "ca.der").write_bytes(b"\x30\x82certificate")
    (folder / "chain.der").write_bytes(b"\x30" + bytes(2000))
    (folder / "ca.pem").write_bytes(b"-----BEGIN")
    (folder / "rules.toml").write_text("[limit]\nday = 61\n")
    file = folder / "square.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_it_becomes_the_files_of_a_box(tmp_path: Path):
    place = read(square_file(tmp_path, WHOLE))
    assert place.settings("NT1-2611-0001") == {
        "unit": "NT1-2611-0001",
        "console": True,
        "wifi": {"ssid": "square", "key": "a long key"},
        "hub": {
            "host": "192.168.1.10",
            "port": 8883,
            "name": "hub.local",
            "ca": "/hub.der",
            "ca_sha256": hashlib.sha256(b"\x30\x82certificate").hexdigest(),
        },
    }
    files = place.files()
    assert files["/hub.der"] == b"\x30\x82certificate"
    assert policy.read(json.loads(files["/policy.json"])).limit.day == 610
    assert place.policy_hash == policy.hash_of({"limit": {"day": 61}})[:12]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a long key", ""),
        ("a long key", "0123456789abcdef" * 4),
        ('"square"', '"人民广场二区WiFi"'),
        ("192.168.1.10", "hub-1.example.cn"),
        ("192.168.1.10", "hub_of_the_square"),
        ("hub.local", "192.168.1.11"),
    ],
)
def test_what_can_be_reached_is_taken(tmp_path: Path, before: str, after: str):
    assert read(square_file(tmp_path, WHOLE.replace(before, after))).hub


def test_a_place_may_have_time_servers_of_its_own(tmp_path: Path):
    place = read(square_file(tmp_path, 'ntp = ["192.168.1.1", "time.example.cn"]\n' + WHOLE))
    assert place.settings("X")["ntp"] == ["192.168.1.1", "time.example.cn"]
    assert from_table(json.loads(json.dumps(place.to_table()))) == place
    assert "ntp" not in read(square_file(tmp_path, WHOLE)).settings("X")


def test_a_root_is_on_the_box_as_it_reads_it_and_survives_the_ledger(tmp_path: Path):
    key = rsa.Key.new(2048)
    (tmp_path / "root.pub").write_bytes(public_key.pem(key.public))
    place = read(square_file(tmp_path, 'root = "root.pub"\n' + WHOLE))
    told = place.files()["/root.key"]
    assert release.unbase64(told.decode().strip()) == rsa.modulus(key.public)
    assert place.facts()["root"] == hashlib.sha256(told).hexdigest()[:16]
    assert from_table(json.loads(json.dumps(place.to_table()))) == place
    # a ledger from before there were releases
    table = place.to_table()
    del table["root"]
    assert from_table(table).files().keys() == {"/policy.json", "/hub.der"}
    with pytest.raises(UserError, match=r"root: .*ca\.pem is no public RSA key"):
        read(square_file(tmp_path, 'root = "ca.pem"\n' + WHOLE))
    small = rsa.Key.new(1024)
    (tmp_path / "root.pub").write_bytes(public_key.pem(small.public))
    with pytest.raises(UserError, match="has 1024 bits"):
        read(square_file(tmp_path, 'root = "root.pub"\n' + WHOLE))


def test_what_the_ledger_shows_of_it_has_no_key(tmp_path: Path):
    place = read(square_file(tmp_path, WHOLE))
    assert place.facts()["square"] == "人民广场"
    assert "a long key" not in repr(place) + str(place.facts())


def test_it_survives_the_ledger(tmp_path: Path):
    place = read(square_file(tmp_path, WHOLE))
    assert from_table(json.loads(json.dumps(place.to_table()))) == place


def test_a_unit_without_one_works_by_itself():
    assert Setup().settings("X")["wifi"] is None
    assert list(Setup().files()) == ["/policy.json"]


def test_the_longest_that_is_taken_is_read_by_the_box(tmp_path: Path):
    name = ".".join(["h" * 49] * 4)
    servers = ", ".join(f'"{i}{name}"' for i in range(8))
    text = f"ntp = [{servers}]\n" + WHOLE.replace("hub.local", name).replace("192.168.1.10", name)
    ours = read(square_file(tmp_path, text)).settings("NT1-2611-0001")
    (tmp_path / "settings.json").write_text(json.dumps({"self_check": {}, **ours}))
    found, wrong = settings.load(str(tmp_path / "settings.json"))
    assert (found["hub"]["name"], wrong) == (name, None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("square = 3", "square: must be text"),
        ("wiffi = {}", "wiffi: unknown; there is: square, policy, wifi, ntp, hub"),
        ('ntp = "pool.ntp.org"', "ntp: must be a list"),
        ('ntp = ["http://time.example/"]', "ntp: must be a list of at most 8 host names"),
        ('ntp = ["192.168.1.300"]', "ntp: must be a list of at most 8 host names"),
        ("ntp = [123]", "ntp: must be a list of at most 8 host names"),
        ('wifi = { ssid = "a" }', "wifi.key: is missing"),
        ('hub = { host = "h", ca = "ca.der" }', "a unit reaches it by Wi-Fi only"),
        (WHOLE.replace("ca.der", "ca.pem"), "is no DER certificate: take ca.der"),
        (WHOLE.replace("ca.der", "no.der"), "no.der cannot be read .*certificates/ca.der"),
        (WHOLE.replace("rules.toml", "none.toml"), r"policy: .*none\.toml: cannot be read"),
        (
            WHOLE.replace("rules.toml", "sqare"),
            r"\.toml: policy: there is no policy sqare; shipped",
        ),
        ("square = ", "is not valid TOML"),
        (
            WHOLE.replace('"square"', '"广场治噪者WiFi网络一二三四"'),
            "wifi.ssid: has 37 bytes in UTF-8, a network's name has 1 to 32",
        ),
        (WHOLE.replace('"square"', '""'), "wifi.ssid: has 0 bytes"),
        (WHOLE.replace("a long key", "12345"), "wifi.key: is no WPA key: give 8 to 63 ASCII"),
        (WHOLE.replace("a long key", "x" * 64), "wifi.key: is no WPA key"),
        (WHOLE.replace("a long key", "秘密秘密秘密秘密"), "wifi.key: is no WPA key"),
        (
            WHOLE.replace("192.168.1.10", "http://192.168.1.10:8080/"),
            "hub.host: .* alone, without",
        ),
        (WHOLE.replace("192.168.1.10", "192.168.1.10:8883"), "hub.host: .* alone, without"),
        (WHOLE.replace("192.168.1.10", "192.168.1.300"), "hub.host: .* is no host name or IPv4"),
        (WHOLE.replace("192.168.1.10", "0.0.0.0"), "hub.host: .* is no host name or IPv4"),
        (WHOLE.replace("192.168.1.10", "224.0.0.251"), "hub.host: .* is no host name or IPv4"),
        (WHOLE.replace("192.168.1.10", "-hub.cn"), "hub.host: .* is no host name or IPv4"),
        (WHOLE.replace("hub.local", "h." * 101), "hub.name: .* is no host name or IPv4"),
        ('ntp = ["255.255.255.255"]', "ntp: must be a list of at most 8 host names"),
        (WHOLE.replace("ca.der", "chain.der"), "hub.ca: .* has 2001 bytes, a box keeps 2000"),
        (WHOLE.replace("192.168.1.10", ""), "hub.host: .* is no host name or IPv4"),
        (WHOLE.replace("hub.local", "hub local"), "hub.name: .* is no host name or IPv4"),
        (
            WHOLE.replace("name =", "port = 70000, name ="),
            "hub.port: is 70000, a TCP port is 1 to",
        ),
    ],
)
def test_a_mistake_is_said_with_its_key(tmp_path: Path, text: str, sentence: str):
    with pytest.raises(UserError, match=sentence):
        read(square_file(tmp_path, text))
