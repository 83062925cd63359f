#!/usr/bin/env python3
"""Verify an evidence bundle of a noise hub: one file, with Python (3.11) and `cryptography` alone.

    python verify_evidence.py FILE.zip [--root ROOT.pub] [--known FILE]... [--lang zh|en]

Each claim is one line: proven, FALSE, or not there. Exit code 0: nothing is false; 1: something
is; 2: the input cannot be used. No server is asked. --root: the root's public key as you got it
elsewhere; --known: a checkpoint, a .tlog-proof or a bundle of the same log that you have from
before or from somebody else; or a newer keys.list, which may have revoked a key.

The form is that of BUNDLE.md beside this file. Written against RFC 6962 (the tree), C2SP's
signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof and tlog-witness, RFC 8017 (RSA), RFC
3161, 5652, 5035 and 5816 (time stamps), and the record of WIRE.md. It imports nothing of the
programs that write what it reads: it is a second opinion on them.
"""

import argparse
import base64
import datetime
import hashlib
import io
import json
import os
import re
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key
except ImportError:
    print("verify_evidence.py needs: pip install cryptography", file=sys.stderr)
    raise SystemExit(2) from None

PROVEN, FALSE, ABSENT = "proven", "FALSE", "not there"

FORMAT = "noisetamer-evidence/v1"
LONGEST_SPAN = 7 * 86400
DATED_FROM = 1_000_000_000
MISSING = -32768
REASONS = (
    *("valid", "power", "gap", "microphone", "overload", "under-range", "own voice", "wind"),
    *("clock", "rain"),
)
NOT_RECEIVED = "not received"
BOM = b"\xef\xbb\xbf"

# What is said, zh and en. The page in a browser says the same.
WORDS = {
    "proven": ("已证实", "proven"),
    "FALSE": ("不实", "FALSE"),
    "not there": ("没有", "not there"),
    "list": ("、", ", "),
    "colon": ("：", ": "),
    # claims: what each is about, and what is proven
    "container": ("文件本身", "The file itself"),
    "container+": (
        "文件与写成时完全一样：{n} 个成员，没有多余的字节",
        "The file is as it was written, without a byte besides (members: {n})",
    ),
    "sums": ("SHA256SUMS", "SHA256SUMS"),
    "sums+": (
        "SHA256SUMS 列出了每个成员及其哈希",
        "SHA256SUMS has the hash of every member",
    ),
    "files": ("清单所列的文件", "The files of the manifest"),
    "files+": (
        "{n} 个文件都与清单一致，一个不多，一个不少",
        "The files are as the manifest says, none more and none less ({n})",
    ),
    "root": ("根密钥", "The root key"),
    "root+": (
        "根密钥就是您给出的那一把：{fingerprint}",
        "The root key is the one that you gave: {fingerprint}",
    ),
    "root-": (
        "没有给出 root.pub 来比对：请从别的渠道核对根密钥的指纹是不是 {fingerprint}",
        "No root.pub was given to compare: ask elsewhere whether the root's fingerprint is "
        "{fingerprint}",
    ),
    "root--": (
        "没有根密钥为日志的密钥作保：谁有这把密钥，只有交给您的人说过（指纹 {fingerprint}）",
        "No root vouches for the log's key: whose it is only who handed this over says "
        "(fingerprint {fingerprint})",
    ),
    "keys": ("密钥清单", "The key list"),
    "keys+": (
        "根密钥签署了密钥清单：第 {number} 号，{issued}，共 {n} 把",
        "The root signed the key list: number {number}, of {issued} (keys: {n})",
    ),
    "log_key": ("日志的密钥", "The log's key"),
    "log_key+": (
        "日志的密钥“{name}”在清单中，当时有效，未被吊销",
        "The log's key “{name}” is in the list, held at that time and is not revoked",
    ),
    "manifest": ("清单在日志中", "The manifest in the log"),
    "manifest+": (
        "清单在日志 {origin} 中：第 {index} 条，共 {size} 条，记于 {at}",
        "The manifest is in the log {origin}: leaf {index} of {size}, of {at}",
    ),
    "contents": ("日志的内容", "The contents of the log"),
    "contents+": (
        "所附的日志内容都在同一日志中：{kinds}",
        "The contents that are enclosed are in the same log: {kinds}",
    ),
    "earlier": ("较早的检查点 {size}", "The earlier checkpoint {size}"),
    "earlier+": (
        "较早的检查点（{size} 条）是同一日志的开头",
        "The earlier checkpoint of {size} leaves is the beginning of the same log",
    ),
    "records": ("{unit} 的记录", "The records of {unit}"),
    "records+": (
        "{unit} 的 {n} 条记录就是日志中 {batches} 批的记录；其间缺 {gone} 个编号",
        "{unit}: the records are those that the log has (records: {n}, batches: {batches}, "
        "numbers between them without a record: {gone})",
    ),
    "records-": ("没有 {unit} 的记录", "There are no records of {unit}"),
    "seconds": ("{unit} 的每秒表", "The seconds of {unit}"),
    "seconds+": (
        "{unit} 的每秒表与记录一致：{n} 秒各一行，{valid} 秒有效，{lost} 秒未收到",
        "{unit}: the table of seconds is what the records say: {n} seconds, each once, {valid} "
        "valid, {lost} not received",
    ),
    "events": ("{unit} 的事件表", "The events of {unit}"),
    "events+": (
        "{unit} 的事件表与记录一致：{n} 个事件",
        "{unit}: the table of events is what the records say ({n})",
    ),
    "stages": ("阶段表", "The table of stages"),
    "stages+": ("阶段表与记录一致：{n} 行", "The stages are what the records say ({n})"),
    "words": ("劝导表", "The table of words"),
    "words+": (
        "说过的话及其效果与记录一致：{n} 行",
        "What was said, and its outcome, is what the records say (rows: {n})",
    ),
    "coverage": ("覆盖表", "The table of coverage"),
    "coverage+": (
        "每个无效时段及其原因与记录一致：{n} 段",
        "Every invalid stretch and its reason is what the records say ({n})",
    ),
    "clock": ("时钟表", "The table of clocks"),
    "clock+": (
        "时钟的校准与记录一致：{n} 次",
        "What set the clocks is what the records say ({n})",
    ),
    "policy": ("策略 {name}", "The policy {name}"),
    "policy+": ("策略 {name} 与其哈希一致", "The policy {name} is the one of its hash"),
    "policy-": (
        "据以判断的策略 {name} 没有附上",
        "The policy {name}, by which it decided, is not enclosed",
    ),
    "chain": ("{unit} 的链", "The chain of {unit}"),
    "chain+": (
        "中心逐条核对了 {unit} 的链：完整（中心所言）",
        "The hub checked the chain of {unit} link by link: whole (the hub says so)",
    ),
    "chain-": (
        "{unit} 的链不是处处完整（中心所言）：{kinds}",
        "The chain of {unit} is not whole everywhere (the hub says so): {kinds}",
    ),
    "chain0": (
        "{unit} 不做链：到达中心之前有没有记录被改动或拿掉，没有凭据",
        "{unit} makes no chain: nothing shows whether a record was changed or taken out before it "
        "reached the hub",
    ),
    "cosigned": ("见证者 {name}", "The witness {name}"),
    "cosigned+": (
        "见证者“{who}”于 {at} 联署（{size} 条；记入后 {age} 秒）",
        "The witness “{who}” cosigned at {at} ({size} leaves; {age} s after the leaf)",
    ),
    "cosigned-": (
        "没有见证者联署：持有日志密钥的人可能另有一份日志",
        "No witness cosigned: who has the log's key may have another log besides",
    ),
    "stamp": ("时间戳 {size}", "The time stamp {size}"),
    "stamp+": (
        "时间戳：“{name}”证明 {size} 条的检查点在 {at} 已存在"
        "（所附 {of} 条内容中有 {within} 条在内）",
        "A time stamp: “{name}” says that the checkpoint of {size} leaves was there at {at} (of "
        "the {of} contents enclosed, {within} are in it)",
    ),
    "stamp-": (
        "还没有时间戳：何时记入只有日志自己说过",
        "Not stamped yet: when it was logged only the log itself says",
    ),
    "stampless": (
        "较早的检查点（{size} 条）没有附上时间戳",
        "Of the earlier checkpoint of {size} leaves no time stamp is enclosed",
    ),
    "stamp?": (
        "时间戳 {at} 出自密钥清单不认识的 {name}，不作数（指纹 {fingerprint}）",
        "A time stamp of {at} is by {name}, which the key list does not know: it counts for "
        "nothing (fingerprint {fingerprint})",
    ),
    "known": ("您已有的 {file}", "What you have, {file}"),
    "known_same": (
        "与您已有的 {file} 是同一检查点（{size} 条）",
        "The same checkpoint as in {file}, which you have ({size} leaves)",
    ),
    "known_prefix": (
        "与您已有的 {file} 一致：{old} 条是 {new} 条的开头",
        "It agrees with {file}, which you have: the {old} leaves are the beginning of the {new}",
    ),
    "known_keys": (
        "您已有的密钥清单 {file}（第 {number} 号）没有吊销这里用到的密钥",
        "The key list {file}, which you have (number {number}), revokes none of the keys used "
        "here",
    ),
    "known_old_keys": (
        "您已有的密钥清单 {file}（第 {number} 号）不比所附的新",
        "The key list {file}, which you have (number {number}), is no newer than the one enclosed",
    ),
    "known_open": (
        "您已有的 {file} 属同一日志（{old} 与 {new} 条），但这些文件里没有证明两者一致的凭据",
        "{file}, which you have, is of the same log ({old} and {new} leaves), but nothing here "
        "proves that they agree",
    ),
    "known_other": (
        "您已有的 {file} 属另一日志：{origin}",
        "{file}, which you have, is of another log: {origin}",
    ),
    "after": (
        "{subject}：未核对，因为它所依据的一项没有证实",
        "{subject}: not looked at, for what it needs is not there",
    ),
    # kinds of leaves and of findings; of others the word as it is
    "kind_batch": ("记录", "batch"),
    "kind_incident": ("事件", "incident"),
    "kind_policy": ("策略", "policy"),
    "kind_order": ("命令", "order"),
    "kind_effect": ("命令的结果", "effect"),
    "kind_calibration": ("校准", "calibration"),
    "kind_key": ("密钥", "key"),
    "kind_look": ("查看", "look"),
    "kind_deletion": ("删除", "deletion"),
    "kind_bundle": ("证据包", "bundle"),
    "kind_permit": ("许可", "permit"),
    "kind_start": ("启动", "start"),
    "kind_break": ("断裂", "break"),
    "kind_fork": ("分叉", "fork"),
    "kind_reset": ("重新开始", "reset"),
    "kind_gap": ("缺失", "gap"),
    "kind_unlinked": ("没有链值", "unlinked"),
    "kind_revoked": ("密钥已吊销", "revoked"),
    "kind_rekeyed": ("换了密钥", "rekeyed"),
    "kind_none": ("不做链", "none"),
    # what is wrong
    "w_short": ("在第 {at} 字节处不成其为成员", "no member can be read at byte {at}"),
    "w_bytes": ("第 {at} 字节（{what}）被改过", "byte {at}, in {what}, is not as it was written"),
    "w_crc": ("{what} 被改过：校验和不符", "{what} was changed: its checksum is another"),
    "w_twice": ("{what} 出现两次", "{what} is there twice"),
    "w_missing": ("缺少 {what}", "{what} is missing"),
    "w_stranger": ("{what} 不属于这里", "{what} does not belong here"),
    "w_form": ("{what} 不合其格式", "{what} is not in its form"),
    "w_hash": ("{what} 被改过：哈希不符", "{what} was changed: its hash is another"),
    "w_line": (
        "{what} 第 {line} 行与记录不符",
        "{what}, line {line}, is not what the records say",
    ),
    "w_root": (
        "不是您给出的那一把，而是 {fingerprint}",
        "it is not the one that you gave, but {fingerprint}",
    ),
    "w_signature": ("{what} 没有 {who} 的有效签名", "{what} has no valid signature of {who}"),
    "w_unlisted": ("“{name}”不在密钥清单中", "“{name}” is not in the key list"),
    "w_key_time": ("密钥“{name}”在 {at} 无效", "the key “{name}” did not hold at {at}"),
    "w_revoked": (
        "密钥“{name}”已于 {at} 吊销：{why}",
        "the key “{name}” was revoked at {at}: {why}",
    ),
    "w_manifest": (
        "日志中记的是另一份清单",
        "the log has another manifest",
    ),
    "w_made": ("时间自相矛盾", "its times contradict each other"),
    "w_leaf": ("第 {index} 条不在这份日志中", "leaf {index} is not in this log"),
    "w_checkpoint": ("{what} 用的是另一个检查点", "{what} ends with another checkpoint"),
    "w_batch": (
        "第 {index} 条日志所记的不是 {what} 中的记录",
        "the records in {what} are not those of leaf {index}",
    ),
    "w_no_batch": (
        "{what} 中第 {n} 号记录不在任何一批中",
        "record {n} in {what} is in no batch of the log",
    ),
    "w_two_batches": (
        "第 {index} 条日志与另一批重叠",
        "leaf {index} claims records of another batch",
    ),
    "w_record": ("{what} 中第 {n} 号记录无法读出", "record {n} in {what} cannot be read"),
    "w_consistency": (
        "它不是同一日志的开头",
        "it is not the beginning of the same log",
    ),
    "w_found": ("中心发现：{kinds}", "the hub found: {kinds}"),
    "w_untold": (
        "第 {index} 条日志记有“{kind}”，chain.csv 却没有",
        "leaf {index} says “{kind}”, chain.csv does not",
    ),
    "w_imprint": ("所盖的不是这个检查点", "it is not on this checkpoint"),
    "w_certificate": (
        "所盖的证书不在其中，或不是签名者的",
        "the certificate that it names is not here",
    ),
    "w_usage": ("证书不许用于时间戳", "the certificate may not be used for time stamps"),
    "w_validity": ("证书在 {at} 无效", "a certificate did not hold at {at}"),
    "w_stamp_chain": (
        "证书不能追溯到 stamps/authority.pem",
        "the certificates do not lead to stamps/authority.pem",
    ),
    "w_unchecked": ("{what} 含有无人核对的字节", "{what} has bytes that nothing checks"),
    "w_split": (
        "同一日志给出了互相矛盾的两份（{old} 与 {new} 条）：日志被分叉",
        "split view: one log shows two that contradict each other ({old} and {new} leaves)",
    ),
    "w_rollback": (
        "日志被退回：{at_old} 已有 {old} 条，{at_new} 只有 {new} 条",
        "rollback: the log had {old} leaves at {at_old} and only {new} at {at_new}",
    ),
    "w_two_lists": (
        "根密钥签署了两份不同的第 {number} 号清单",
        "the root signed two different lists of number {number}",
    ),
    "w_other_key": (
        "它以同一名称由另一把密钥签署",
        "it bears the same name and is not signed by the same key",
    ),
    # at the end
    "end_0": (
        "证实：{origin} 的日志自 {at} 起没有改过 {units} 在 {since} 至 {until} 的记录，"
        "以上各表与记录一致；作证的是日志密钥{by}{others}。",
        "It proves that the records of {units} from {since} to {until} have not been changed "
        "since {at}, when the log {origin} had them, and that the tables are what they say; "
        "by the log's key{by}{others}.",
    ),
    "end_root": ("、指纹为 {fingerprint} 的根密钥", ", the root key {fingerprint}"),
    "end_rootless": (
        "（指纹 {fingerprint}，没有根密钥为它作保）",
        " (fingerprint {fingerprint}, for which no root vouches)",
    ),
    "end_witness": ("、见证者“{name}”", ", the witness “{name}”"),
    "end_stamp": ("、时间戳“{name}”", ", the time stamp of “{name}”"),
    "end_not": (
        "不证实：箱子听到的是什么声音、是谁发出的、箱子是否准确；"
        "报告、图片、曲线、校准与经手记录只证实是中心当时写下的。",
        "It does not prove what the sound was, who made it, or that the box measured rightly; "
        "report, pictures, curve, calibration and custody are only proven to be what the hub "
        "wrote then.",
    ),
    "end_1": (
        "有 {n} 项不实：这份文件不能作为证据，请向中心重新索取原件。",
        "{n} of these claims are false: this file is no evidence as it is; ask the hub for it "
        "anew.",
    ),
    "end_1_not": (
        "被改的是文件、记录还是日志，看上面标为不实的各行。",
        "Whether the file, the records or the log was changed, the lines marked false say.",
    ),
    # unusable input
    "u_read": ("无法读取 {file}：{why}。", "{file} cannot be read ({why})."),
    "u_large": (
        "{file} 太大：证据包不会超过 4 GB。",
        "{file} is too large: a bundle has less than 4 GB.",
    ),
    "u_bundle": (
        "{file} 不是证据包：请给出中心写的 .zip 文件。",
        "{file} is no evidence bundle: give the .zip that the hub wrote.",
    ),
    "u_root": (
        "{file} 不是 PEM 格式的 RSA 公钥：请给出 root.pub。",
        "{file} is no RSA public key in PEM form: give root.pub.",
    ),
    "u_known": (
        "{file} 既不是检查点、.tlog-proof、证据包，也不是密钥清单。",
        "{file} is no checkpoint, no .tlog-proof, no bundle and no key list.",
    ),
}


class WrongError(Exception):
    """Why a claim is false. key: of WORDS."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values


class AfterError(Exception):
    """What a claim needs is false, or not there."""


class UnusableError(Exception):
    """Input that is no bundle, no key, no checkpoint. key: of WORDS."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values


class Line(NamedTuple):
    state: str
    text: str


@dataclass
class Report:
    """What was found, in words of one language."""

    language: str
    lines: list[Line] = field(default_factory=list)
    end: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        return int(any(line.state == FALSE for line in self.lines))

    def say(self, key: str, **values: object) -> str:
        """The words of a key, with its values in their places."""
        text = WORDS[key][self.language == "en"]
        return re.sub(r"\{(\w+)\}", lambda found: on_one_line(values[found[1]]), text)

    def add(self, state: str, key: str, **values: object) -> None:
        self.lines.append(Line(state, self.say(key, **values)))

    def claim(
        self, key: str, check: Callable[[], dict[str, object] | None], **about: object
    ) -> None:
        """Add the line of a claim. check: gives what its words need besides `about`, None where it
        said something itself."""
        subject = self.say(key, **about)
        try:
            found = check()
        except WrongError as wrong:
            self._wrong(subject, wrong)
        except AfterError:
            self.add(ABSENT, "after", subject=subject)
        except (*_BAD_FORM, struct.error, RecursionError):
            self._wrong(subject, WrongError("w_form", what=subject))
        else:
            if found is not None:
                self.add(PROVEN, key + "+", **about, **found)

    def _wrong(self, subject: str, wrong: WrongError) -> None:
        reason = self.say(wrong.key, **wrong.values)
        self.lines.append(Line(FALSE, f"{subject}{self.say('colon')}{reason}"))

    def joined(self, words: list[str]) -> str:
        return self.say("list").join(words)

    def counted(self, kinds: list[str]) -> str:
        """'batch 5, order 2'."""
        told = []
        for kind, n in sorted(Counter(kinds).items()):
            name = f"kind_{kind}"
            told.append(f"{self.say(name) if name in WORDS else kind} {n}")
        return self.joined(told)


# --- forms ---------------------------------------------------------------------------------------

_BAD_FORM = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)


def on_one_line(value: object) -> str:
    """Names of keys and certificates are their makers': none writes a line of this report."""
    shown = "".join(one if one.isprintable() else "\ufffd" for one in str(value))
    return re.sub(" {2,}", " ", shown)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def moment(t: int) -> str:
    """'2026-11-28 11:00:00 UTC'."""
    return f"{_date_time(t, ' ')} UTC"


def _date_time(t: int, between: str) -> str:
    if not 0 <= t < 253402300800:
        raise ValueError("no time of four-digit years")
    day, second = divmod(t, 86400)
    date = datetime.date.fromordinal(719163 + day).isoformat()
    return f"{date}{between}{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def fingerprint(der: bytes) -> str:
    """SHA-256 in groups of four, as people read it to each other."""
    text = sha256(der).hex()
    return " ".join(text[i : i + 4] for i in range(0, 64, 4))


def from_base64(text: str) -> bytes:
    """RFC 4648, section 4, in its one form. Raises ValueError."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the one form")
    return data


def from_json(data: bytes) -> Any:
    """Canonical JSON. Raises ValueError for any other."""
    value = json.loads(data)
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    if text.encode() != data:
        raise ValueError("not the one form")
    return value


def whole(value: object) -> int:
    """An integer from 0 to what a browser can count to. Raises ValueError."""
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("no whole number")
    return value


# The digits that a browser can count to: names of members have no more, or they were let in and
# not looked at.
_N = "(0|[1-9][0-9]{0,14})"


def number(text: str) -> int:
    if not re.fullmatch(_N, text, re.ASCII):
        raise ValueError("no number")
    return int(text)


def from_pem(data: bytes, kind: str) -> list[bytes]:
    """What is in a PEM file of this kind alone, in its one form. Raises ValueError."""
    begin, end = f"-----BEGIN {kind}-----\n", f"-----END {kind}-----\n"
    found = [
        from_base64(part.replace("\n", "").removesuffix(end[:-1]))
        for part in data.decode().split(begin)[1:]
    ]
    if not found or b"".join(pem(der, kind) for der in found) != data:
        raise ValueError("not the one form")
    return found


def pem(der: bytes, kind: str) -> bytes:
    text = base64.b64encode(der).decode()
    lines = "".join(text[i : i + 64] + "\n" for i in range(0, len(text), 64))
    return f"-----BEGIN {kind}-----\n{lines}-----END {kind}-----\n".encode()


def is_signed(
    kind: str, public_der: bytes, signature: bytes, message: bytes, hash_name: str = "sha256"
) -> bool:
    """By a key of this kind: "rsa" (PKCS #1 v1.5), "ecdsa" or "ed25519"."""
    hash_ = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}[hash_name]
    try:
        key = load_der_public_key(public_der)
        if kind == "ed25519" and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hash_())
        elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            if not isinstance(key.curve, (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)):
                return False
            key.verify(signature, message, ec.ECDSA(hash_()))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


# SubjectPublicKeyInfo of an Ed25519 key before its 32 bytes (RFC 8410).
ED25519 = bytes.fromhex("302a300506032b6570032100")


def ed25519_raw(der: bytes) -> bytes:
    if len(der) != 44 or not der.startswith(ED25519):
        raise ValueError("no Ed25519 key")
    return der[12:]


# --- the container -------------------------------------------------------------------------------

_LOCAL, _CENTRAL, _END = "<IHHHHHIIIHH", "<IHHHHHHIIIHHHHHII", "<IHHHHIIH"
_NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]*(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)*")


def is_bundle(data: bytes) -> bool:
    """Whether it is, or was, a bundle: all else is no input."""
    return b"evidence.json" in data or b"evidence.tlog-proof" in data


def members_of(data: bytes) -> tuple[dict[str, bytes], int]:
    """What can be read from the beginning on, and where that ends. Raises WrongError for a name
    that is there twice."""
    found: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\3\4" and at + 30 <= len(data):
        *_, size, name_length, _ = struct.unpack_from(_LOCAL, data, at)
        start = at + 30 + name_length
        name = data[at + 30 : start].decode("latin-1")
        if start + size > len(data) or not _NAME.fullmatch(name):
            break
        if name in found:
            raise WrongError("w_twice", what=name)
        found[name] = data[start : start + size]
        at = start + size
    return found, at


def container(members: dict[str, bytes]) -> bytes:
    """The one zip of these members."""
    local, central = [], []
    offset = 0
    for name in sorted(members):
        data, path = members[name], name.encode()
        about = (20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(path), 0)
        head = struct.pack(_LOCAL, 0x04034B50, *about) + path
        entry = (0x02014B50, 20 | 3 << 8, *about, 0, 0, 0, 0o100644 << 16, offset)
        central.append(struct.pack(_CENTRAL, *entry) + path)
        local += [head, data]
        offset += len(head) + len(data)
    listed = b"".join(central)
    n = len(central)
    end = struct.pack(_END, 0x06054B50, 0, 0, n, n, len(listed), offset, 0)
    return b"".join([*local, listed, end])


def first_difference(one: bytes, other: bytes) -> int:
    shared = min(len(one), len(other))
    return next((i for i in range(shared) if one[i] != other[i]), shared)


def check_container(data: bytes, members: dict[str, bytes], end: int) -> dict[str, object]:
    """Raises WrongError at the first byte that is not as the form has it."""
    made = container(members)
    if made != data:
        at = first_difference(made, data)
        if at >= end:
            if not data[end : end + 4] == b"PK\1\2":
                raise WrongError("w_short", at=end)
            raise WrongError("w_bytes", at=at, what="zip")
        offset = 0
        for name in sorted(members):
            # of what stands in a member the first that differs is its checksum
            if offset + 14 <= at < offset + 18:
                raise WrongError("w_crc", what=name)
            offset += 30 + len(name) + len(members[name])
            if at < offset:
                raise WrongError("w_bytes", at=at, what=name)
        raise WrongError("w_bytes", at=at, what="zip")
    return {"n": len(members)}


# --- Merkle trees, RFC 6962 section 2.1 ----------------------------------------------------------

Span = tuple[int, int]
Nodes = dict[Span, bytes]
"""Hashes of the tree over leaves from <= i < until."""


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\0" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right)


def _middle(start: int, end: int) -> int:
    """Where a tree is parted: the largest power of two below its size."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Of which subtrees the hashes of an inclusion proof are, in its order."""
    spans, start, end = [], 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """The same of a consistency proof; 0 < old < new."""
    spans, start, end = [], 0, new
    while old != end:
        middle = _middle(start, end)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return spans[::-1]


def included(index: int, size: int, leaf: bytes, proof: list[bytes]) -> Nodes:
    """All nodes that a proof of inclusion shows, the root too. Raises ValueError."""
    spans = inclusion_spans(index, size)
    if not index < size or len(spans) != len(proof):
        raise ValueError("not the length of such a proof")
    at, found = (index, index + 1), leaf
    nodes = {at: found}
    for span, hash_ in zip(spans, proof, strict=True):
        nodes[span] = hash_
        if span < at:
            at, found = (span[0], at[1]), node_hash(hash_, found)
        else:
            at, found = (at[0], span[1]), node_hash(found, hash_)
        nodes[at] = found
    return nodes


def root_from(nodes: Nodes, start: int, end: int) -> bytes | None:
    """The hash over these leaves, as far as nodes allow."""
    if (start, end) in nodes:
        return nodes[start, end]
    if end - start == 1:
        return None
    middle = _middle(start, end)
    left = root_from(nodes, start, middle)
    right = left and root_from(nodes, middle, end)
    return node_hash(left, right) if left and right else None


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """Whether the proof shows that the tree of `new` leaves begins with that of `old`."""
    if not 0 < old < new:
        return not proof and old == new and old_root == new_root
    spans = consistency_spans(old, new)
    if len(spans) != len(proof):
        return False
    nodes = dict(zip(spans, proof, strict=True))
    if old & (old - 1) == 0:
        nodes[0, old] = old_root
    return root_from(nodes, 0, old) == old_root and root_from(nodes, 0, new) == new_root


# --- notes, checkpoints, proofs ------------------------------------------------------------------


# No Unicode space, no plus, no control character.
_NOTE_NAME = re.compile("[^\0- +\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


class Note(NamedTuple):
    """A checkpoint. signatures: (name, key id and signature), as they stand there."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: list[tuple[str, bytes]]


def note_of(raw: bytes) -> Note:
    """Raises ValueError."""
    text, signed = raw.decode().rsplit("\n\n", 1)
    origin, size, root = text.split("\n")
    lines = signed.split("\n")
    if len(lines) < 2 or lines.pop() or not _NOTE_NAME.fullmatch(origin):
        raise ValueError("no signed note")
    found = []
    for line in lines:
        dash, name, blob = line.split(" ")
        if dash != "—" or not _NOTE_NAME.fullmatch(name):
            raise ValueError("no line of a signature")
        found.append((name, from_base64(blob)))
    note = Note(origin, number(size), from_base64(root), text.encode() + b"\n", found)
    if len(note.root) != 32 or not note.size:
        raise ValueError("no root")
    return note


def key_id(name: str, kind: int, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + key)[:4]


def is_signed_by_log(note: Note, log_der: bytes) -> bool:
    """Whether its first signature is the log's."""
    name, blob = note.signatures[0]
    id_ = key_id(note.origin, 1, ed25519_raw(log_der))
    return (
        name == note.origin
        and len(blob) == 68
        and blob[:4] == id_
        and is_signed("ed25519", log_der, blob[4:], note.text)
    )


class Proof(NamedTuple):
    leaf: int
    hashes: list[bytes]
    checkpoint: bytes


def _hashes_and_checkpoint(raw: bytes, head: str) -> tuple[str, list[bytes], bytes]:
    """(rest of the line that begins with head, hashes, what follows the empty line)."""
    top, checkpoint = raw.split(b"\n\n", 1)
    line, *rest = top.decode().split("\n")
    found = [from_base64(text) for text in rest]
    if not line.startswith(head) or any(len(hash_) != 32 for hash_ in found):
        raise ValueError("no proof")
    return line.removeprefix(head), found, checkpoint


def proof_of(raw: bytes) -> Proof:
    """A tlog-proof. Raises ValueError."""
    head = b"c2sp.org/tlog-proof@v1\n"
    if not raw.startswith(head):
        raise ValueError("no tlog-proof")
    index, found, checkpoint = _hashes_and_checkpoint(raw.removeprefix(head), "index ")
    return Proof(number(index), found, checkpoint)


def entry_of(content: bytes) -> tuple[dict[str, Any], bytes]:
    """(the content, the entry of the log that commits to it). Raises ValueError."""
    found = from_json(content)
    kind, at = found["kind"], whole(found["at"])
    if not re.fullmatch("[a-z]+", kind) or not re.fullmatch("[0-9a-f]{32}", found["salt"]):
        raise ValueError("no content of a leaf")
    entry = f"noisetamer-leaf/v1\n{kind}\n{at}\n{sha256(content).hex()}\n"
    return found, entry.encode()


# --- keys ----------------------------------------------------------------------------------------


class Key(NamedTuple):
    name: str
    role: str
    der: bytes
    since: int
    until: int | None
    revoked: int | None
    why: str


@dataclass(frozen=True)
class KeyList:
    number: int
    issued: int
    keys: list[Key]

    def find(self, role: str, der: bytes) -> Key | None:
        return next((key for key in self.keys if (key.role, key.der) == (role, der)), None)


def key_list_of(raw: bytes, root_der: bytes) -> KeyList:
    """Raises ValueError for what is no key list, WrongError where the root did not sign it."""
    head, body, signature, end = raw.decode().split("\n")
    found = from_json(body.encode())
    if head != "noisetamer keys/v1" or end or set(found) != {"number", "issued", "keys"}:
        raise ValueError("no key list")
    keys = [_key(one) for one in found["keys"]]
    if len({key.name for key in keys}) < len(keys):
        raise ValueError("two keys of one name")
    signed = f"{head}\n{body}\n".encode()
    mark = "— root "
    if not signature.startswith(mark) or not is_signed(
        "rsa", root_der, from_base64(signature.removeprefix(mark)), signed
    ):
        raise WrongError("w_signature", what="keys/keys.list", who="root")
    return KeyList(whole(found["number"]), whole(found["issued"]), keys)


def _key(one: dict[str, Any]) -> Key:
    names = {"name", "role", "algorithm", "public", "from", "until", "revoked", "why"}
    if set(one) != names or not all(isinstance(one[n], str) for n in ("name", "role", "why")):
        raise ValueError("no key")
    until, revoked = (one[n] if one[n] is None else whole(one[n]) for n in ("until", "revoked"))
    der = from_base64(one["public"])
    return Key(one["name"], one["role"], der, whole(one["from"]), until, revoked, one["why"])


def must_hold(key: Key, at: int, revocation: bool = True) -> None:
    """Raises WrongError where the key did not hold at that time, or is revoked."""
    if at < key.since or (key.until is not None and at >= key.until):
        raise WrongError("w_key_time", name=key.name, at=moment(at))
    if revocation and key.revoked is not None:
        raise WrongError("w_revoked", name=key.name, at=moment(key.revoked), why=key.why)


def cosignature(note: Note, name: str, blob: bytes, keys: KeyList) -> tuple[int, Key]:
    """(when a witness of the list cosigned, Unix s; its key). Raises WrongError."""
    witnesses = [k for k in keys.keys if k.role == "witness"]
    key = next((k for k in witnesses if key_id(name, 4, ed25519_raw(k.der)) == blob[:4]), None)
    if key is None:
        raise WrongError("w_unlisted", name=name)
    at = int.from_bytes(blob[4:12], "big")
    signed = f"cosignature/v1\ntime {at}\n".encode() + note.text
    if len(blob) != 76 or not is_signed("ed25519", key.der, blob[12:], signed):
        raise WrongError("w_signature", what=f"{note.size}", who=key.name)
    must_hold(key, at)
    return at, key


# --- records, WIRE.md ----------------------------------------------------------------------------

Levels = tuple[int, int, int, int, int]
"""LAeq, LAFmax, LCeq, LCpeak in 0.1 dB, flags."""


class Record(NamedTuple):
    """seconds: of one of code 1 or 3; told: the JSON of an event."""

    sequence: int
    t: int
    seconds: list[Levels]
    kind: str
    fields: dict[str, Any]
    told: str


def record_of(raw: bytes, boot: int, sequence: int) -> Record:
    """Raises ValueError."""
    code, of_boot, number_, t = struct.unpack_from("<BIII", raw)
    body = raw[13:]
    if (of_boot, number_) != (boot, sequence):
        raise ValueError("another name")
    if code == 1:
        if not body or len(body) % 10:
            raise ValueError("no whole seconds")
        return Record(sequence, t, list(struct.iter_unpack("<hhhhH", body)), "", {}, "")
    if code == 3:
        return Record(sequence, t, decoded(body), "", {}, "")
    if code != 2:
        raise ValueError("unknown code")
    told = body.decode()
    kind, fields = json.loads(told, parse_constant=_refuse)
    if not isinstance(kind, str) or not isinstance(fields, dict):
        raise TypeError("no event")
    return Record(sequence, t, [], kind, fields, told)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


class Bits:
    def __init__(self, data: bytes) -> None:
        self._bits = f"{int.from_bytes(data, 'big'):0{8 * len(data)}b}"
        self._at = 0

    def take(self, n: int) -> int:
        at = self._at
        self._at = at + n
        if self._at > len(self._bits):
            raise ValueError("too few bits")
        return int(self._bits[at : self._at], 2) if n else 0

    def word(self) -> int:
        """16 bits, signed."""
        value = self.take(16)
        return value - 0x10000 if value & 0x8000 else value

    def rice(self, k: int, expected: int) -> int:
        """A level: its difference from what is expected in a Rice code, or after a run of 20
        zeros the level itself."""
        at = self._bits.find("1", self._at, self._at + 20)
        if at < 0:
            self.take(20)
            return self.word()
        zeros = at - self._at
        self._at = at + 1
        value = zeros << k | self.take(k)
        return expected + ((value >> 1) ^ -(value & 1))

    def must_end(self) -> None:
        if len(self._bits) - self._at >= 8:
            raise ValueError("too many bits")


def decoded(data: bytes) -> list[Levels]:
    """Seconds of code 3. Raises ValueError."""
    bits = Bits(data)
    n = bits.take(4) + 1
    flags = [0] * n
    if bits.take(1):
        now = 0
        for i in range(n):
            if bits.take(1):
                now = bits.take(16 if bits.take(1) else 4)
            flags[i] = now
    heard = [1] * n
    if bits.take(1):
        heard = [bits.take(1) for _ in range(n)]
    found: list[Levels] = []
    before: tuple[int, int, int, int] | None = None
    k: list[int] = []
    for i in range(n):
        if not heard[i]:
            found.append((MISSING, MISSING, MISSING, MISSING, flags[i]))
            continue
        if before is None:
            k = [bits.take(3) for _ in range(4)]
            A = bits.take(11)
            if A == 2047:
                A = bits.word()
            before = A, bits.rice(4, A + 15), bits.rice(6, A + 80), bits.rice(6, A + 200)
        else:
            A0, F0, C0, P0 = before
            A = bits.rice(k[0], A0)
            F = bits.rice(k[1], F0 + A - A0)
            C = bits.rice(k[2], C0 + (A - A0 >> 1))
            before = A, F, C, bits.rice(k[3], P0 + C - C0)
        found.append((*before, flags[i]))
    bits.must_end()
    return found


def _rank(second: Levels) -> tuple[object, ...]:
    """Of two claims to one second the higher counts."""
    return (second[4] & 15 == 0, *second[:4], -second[4])


class Event(NamedTuple):
    """boot, sequence: its name; t: dated, None where its boot never knew the time."""

    t: int | None
    unit: str
    boot: int
    sequence: int
    kind: str
    fields: dict[str, Any]
    told: str


def dated(records: list[Record]) -> Iterator[tuple[int | None, Record]]:
    """Records of one boot with their times."""
    clocks: list[tuple[int, int]] = []
    for record in records:
        if record.kind == "clock" and whole(record.fields["boot_at"]) >= DATED_FROM:
            clocks.append((record.sequence, record.fields["boot_at"]))
    first = clocks[0][1] if clocks else None
    last, ahead = first, 0
    for record in records:
        # what came before it by number
        while ahead < len(clocks) and clocks[ahead][0] < record.sequence:
            last = clocks[ahead][1]
            ahead += 1
        if record.t >= DATED_FROM:
            yield record.t, record
        else:
            yield None if last is None else record.t + last, record


# --- tables --------------------------------------------------------------------------------------


def csv_line(row: list[str]) -> str:
    quoted = (
        '"' + text.replace('"', '""') + '"' if re.search('[,"\r\n]', text) else text
        for text in row
    )
    return ",".join(quoted) + "\n"


def csv_of(columns: str, rows: list[list[str]]) -> bytes:
    return BOM + (columns + "\n" + "".join(map(csv_line, rows))).encode()


_CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^,"\n]*))(,|\n)')


def from_csv(data: bytes) -> list[list[str]]:
    """The rows under the heading, and it. Raises ValueError for another form."""
    text = data.decode()
    if not text.startswith("\ufeff"):
        raise ValueError("no mark")
    rows: list[list[str]] = [[]]
    at = 1
    # one after the other: a search for the next would look through all the rest from every quote
    while found := _CELL.match(text, at):
        quoted, plain, end = found.groups("")
        rows[-1].append(quoted.replace('""', '"') or plain)
        if end == "\n":
            rows.append([])
        at = found.end()
    rows.pop()
    if not rows or csv_of(csv_line(rows[0])[:-1], rows[1:]) != data:
        raise ValueError("no table")
    return rows


def decibels(level: int) -> str:
    return "" if level == MISSING else f"{level / 10:.1f}"


def cell(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < 2**53:
        return decibels(value) if name in ("limit", "level") else str(value)
    return value if isinstance(value, str) else ""


def must_be(member: str, is_: bytes, made: bytes) -> None:
    """Raises WrongError with the first line of a table that is another."""
    if is_ != made:
        line = made[: first_difference(is_, made)].count(b"\n") + 1
        raise WrongError("w_line", what=member, line=line)


SECONDS = "t,local,LAeq,LAFmax,LCeq,LCpeak,flags,reason"
EVENTS = "t,UTC,local,boot,sequence,kind,told"
STAGES = "t,UTC,local,unit,boot,sequence,from,to,limit,level,policy"
SAID = "t,UTC,local,unit,boot,sequence,kind,message,number,stage,volume,effective,after,failed"
COVERAGE = "unit,from,UTC,local,until,seconds,reason"
CLOCK = "unit,boot,sequence,boot_at,UTC,local,source,step,drift"
CHAIN = "at,UTC,local,unit,boot,sequence,kind,detail"


# --- time stamps: DER, X.509 and CMS as far as RFC 3161 needs them -------------------------------


class Der(NamedTuple):
    """raw: with tag and length."""

    tag: int
    body: bytes
    raw: bytes

    @property
    def parts(self) -> list["Der"]:
        return der_all(self.body)


def der_all(data: bytes) -> list[Der]:
    """All values one after the other: definite lengths, as short as can be. Raises ValueError."""
    found, at = [], 0
    while at < len(data):
        tag, length, head = data[at], data[at + 1], 2
        if length > 127:
            n = length - 128
            length, head = int.from_bytes(data[at + 2 : at + 2 + n], "big"), 2 + n
            if not 1 <= n <= 4 or length < (128 if n == 1 else 1 << 8 * (n - 1)):
                raise ValueError("not DER")
        end = at + head + length
        if tag & 31 == 31 or end > len(data):
            raise ValueError("not DER")
        found.append(Der(tag, data[at + head : end], data[at:end]))
        at = end
    return found


def der_one(data: bytes, tag: int) -> Der:
    (found,) = der_all(data)
    return must_have(found, tag)


def must_have(value: Der, tag: int) -> Der:
    if value.tag != tag:
        raise ValueError("another tag")
    return value


INTEGER, BITS, OCTETS, OID, SEQUENCE, SET = 2, 3, 4, 6, 0x30, 0x31
_OIDS = {
    "2a864886f70d010702": "signedData",
    "2a864886f70d0109100104": "TSTInfo",
    "2a864886f70d010903": "contentType",
    "2a864886f70d010904": "messageDigest",
    "2a864886f70d010910020c": "signingCertificate",
    "2a864886f70d010910022f": "signingCertificateV2",
    "608648016503040201": "sha256",
    "608648016503040202": "sha384",
    "608648016503040203": "sha512",
    "2a864886f70d010101": "rsa",
    "2a864886f70d01010b": "rsa sha256",
    "2a864886f70d01010c": "rsa sha384",
    "2a864886f70d01010d": "rsa sha512",
    "2a8648ce3d040302": "ecdsa sha256",
    "2a8648ce3d040303": "ecdsa sha384",
    "2a8648ce3d040304": "ecdsa sha512",
    "551d13": "basicConstraints",
    "551d0f": "keyUsage",
    "551d25": "extKeyUsage",
    "551d20": "certificatePolicies",
    "2b06010505070308": "timeStamping",
    "550403": "commonName",
    "55040a": "organizationName",
}


def oid(value: Der) -> str:
    return _OIDS.get(must_have(value, OID).body.hex(), "")


def algorithm(value: Der) -> str:
    """Its name; parameters may be absent or NULL."""
    name, *rest = must_have(value, SEQUENCE).parts
    if [part.raw for part in rest] not in ([], [b"\5\0"]):
        raise ValueError("parameters")
    return oid(name)


def der_time(value: Der) -> int:
    """UTCTime or GeneralizedTime in whole seconds, Unix s."""
    text = value.body.decode("ascii")
    if value.tag == 0x17:
        text = ("20" if text < "5" else "19") + text
    elif value.tag != 0x18:
        raise ValueError("no time")
    found = re.fullmatch(r"([0-9]{14})(\.[0-9]*[1-9])?Z", text, re.ASCII)
    if not found:
        raise ValueError("no time")
    at = datetime.datetime.strptime(found[1] + "+0000", "%Y%m%d%H%M%S%z")
    return int(at.timestamp())


class Certificate:
    """What a time stamp needs of an X.509 certificate (RFC 5280). Raises ValueError."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        tbs, name, signature = der_one(raw, SEQUENCE).parts
        self.tbs = tbs.raw
        self.algorithm = algorithm(name)
        parts = must_have(tbs, SEQUENCE).parts
        if parts[0].raw != bytes.fromhex("a003020102") or parts[2].raw != name.raw:
            raise ValueError("no certificate of version 3")
        self.serial = must_have(parts[1], INTEGER).raw
        self.issuer, self.subject = parts[3].raw, parts[5].raw
        self.since, self.until = map(der_time, parts[4].parts)
        self.public = parts[6].raw
        self.signature = must_have(signature, BITS).body
        self.extensions: dict[str, tuple[bool, bytes]] = {}
        for part in parts[7:]:
            if part.tag == 0xA3:
                self._extensions(part)

    def _extensions(self, part: Der) -> None:
        for one in der_one(part.body, SEQUENCE).parts:
            name, *critical, value = one.parts
            if oid(name):
                data = must_have(value, OCTETS).body
                self.extensions[oid(name)] = bool(critical), data
            elif critical:
                raise ValueError("what must be understood is not (RFC 5280, 4.2)")

    @property
    def may_sign_certificates(self) -> bool:
        _, basic = self.extensions.get("basicConstraints", (False, b""))
        _, usage = self.extensions.get("keyUsage", (False, b"\3\2\2\4"))
        return basic[:5] in (b"\x30\3\1\1\xff", b"\x30\6\1\1\xff") and bool(usage[3] & 4)

    @property
    def may_stamp(self) -> bool:
        """RFC 3161, 2.3: this use alone, and critical."""
        critical, usage = self.extensions.get("extKeyUsage", (False, b""))
        if not critical:
            return False
        return [oid(part) for part in der_one(usage, SEQUENCE).parts] == ["timeStamping"]

    @property
    def name(self) -> str:
        """Its common name, or else its organization's."""
        found = {}
        for each in der_one(self.subject, SEQUENCE).parts:
            for pair in each.parts:
                kind, value = pair.parts
                found[oid(kind)] = value.body.decode()
        return found.get("commonName") or found.get("organizationName") or "?"

    def signed(self, other: "Certificate") -> bool:
        if other.signature[:1] != b"\0" or other.issuer != self.subject:
            return False
        return verifies(self.public, other.algorithm, "", other.signature[1:], other.tbs)


def verifies(public: bytes, name: str, digest: str, signature: bytes, message: bytes) -> bool:
    """name: of a signature algorithm; digest: where the name leaves it open."""
    kind, _, hash_name = name.partition(" ")
    hash_name = hash_name or digest
    if not kind or hash_name not in ("sha256", "sha384", "sha512"):
        return False
    return is_signed(kind, public, signature, message, hash_name)


class Stamp(NamedTuple):
    """chain: from the certificate that signed to the authority's."""

    at: int
    chain: list[Certificate]


def stamp_of(raw: bytes, stamped: bytes, authority: list[Certificate]) -> Stamp:
    """Verify a TimeStampResp on the SHA-256 of `stamped`. Raises WrongError, ValueError."""
    status, token = der_one(raw, SEQUENCE).parts
    if status.raw != bytes.fromhex("3003020100"):
        raise ValueError("not granted, or more than that")
    kind, wrapped = must_have(token, SEQUENCE).parts
    version, digests, content, *sets, signers = der_one(
        must_have(wrapped, 0xA0).body, SEQUENCE
    ).parts
    signer = der_one(must_have(signers, SET).body, SEQUENCE).parts
    if oid(kind) != "signedData" or version.raw != b"\2\1\3" or len(signer) != 6:
        raise WrongError("w_unchecked", what="CMS")
    if [part.tag for part in sets] not in ([], [0xA0]):
        raise WrongError("w_unchecked", what="CMS")
    enclosed = [Certificate(part.raw) for part in (sets[0].parts if sets else [])]
    what, info = must_have(content, SEQUENCE).parts
    info = der_one(must_have(info, 0xA0).body, OCTETS).body
    one, sid, digest, attributes, by, signature = signer
    hash_name = algorithm(digest)
    if (
        oid(what) != "TSTInfo"
        or one.raw != b"\2\1\1"
        or hash_name not in ("sha256", "sha384", "sha512")
        or hash_name != algorithm(der_one(must_have(digests, SET).body, SEQUENCE))
    ):
        raise WrongError("w_unchecked", what="CMS")
    told = _attributes(must_have(attributes, 0xA0))
    if der_one(told["messageDigest"], OCTETS).body != hashlib.new(hash_name, info).digest():
        raise WrongError("w_signature", what="TSTInfo", who="CMS")
    if oid(der_one(told["contentType"], OID)) != "TSTInfo":
        raise WrongError("w_unchecked", what="CMS")
    at = _stamped(info, sha256(stamped))
    issuer, serial = must_have(sid, SEQUENCE).parts
    every = [*enclosed, *authority]
    mine = next((c for c in every if (c.issuer, c.serial) == (issuer.raw, serial.raw)), None)
    if mine is None or not _names(told, mine):
        raise WrongError("w_certificate")
    signed = b"\x31" + attributes.raw[1:]
    by_name, signature = algorithm(by), must_have(signature, OCTETS).body
    if not verifies(mine.public, by_name, hash_name, signature, signed):
        raise WrongError("w_signature", what="CMS", who=mine.name)
    if not mine.may_stamp:
        raise WrongError("w_usage")
    chain = _chain(mine, every, authority[0])
    for certificate in chain:
        if not certificate.since <= at <= certificate.until:
            raise WrongError("w_validity", at=moment(at))
    if {c.raw for c in every} - {c.raw for c in chain}:
        raise WrongError("w_unchecked", what="CMS")
    # each once, in DER's order (X.690, 11.6)
    if [c.raw for c in enclosed] != sorted({c.raw for c in enclosed}):
        raise WrongError("w_unchecked", what="CMS")
    return Stamp(at, chain)


def _attributes(attributes: Der) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for one in attributes.parts:
        name, values = one.parts
        if oid(name) in found:
            raise ValueError("twice")
        if oid(name):
            found[oid(name)] = must_have(values, SET).body
    return found


def _stamped(info: bytes, expected: bytes) -> int:
    """The time that TSTInfo tells. Raises WrongError where it is on something else."""
    version, _, imprint, _, at, *_ = der_one(info, SEQUENCE).parts
    name, digest = imprint.parts
    if version.raw != b"\2\1\1" or algorithm(name) != "sha256" or digest.body != expected:
        raise WrongError("w_imprint")
    return der_time(at)


def _names(told: dict[str, bytes], certificate: Certificate) -> bool:
    """Whether the signed attributes name this certificate (RFC 5035: ESSCertID, ESSCertIDv2)."""
    found = False
    for name, hash_name in (("signingCertificate", "sha1"), ("signingCertificateV2", "sha256")):
        if name in told:
            first = der_one(told[name], SEQUENCE).parts[0].parts[0].parts
            if first[0].tag == SEQUENCE:
                hash_name = algorithm(first.pop(0))
            if first[0].body != hashlib.new(hash_name, certificate.raw).digest():
                return False
            found = True
    return found


def _chain(mine: Certificate, every: list[Certificate], last: Certificate) -> list[Certificate]:
    chain = [mine]
    while chain[-1].raw != last.raw:
        above = next((c for c in every if c.raw != chain[-1].raw and c.signed(chain[-1])), None)
        if above is None or not above.may_sign_certificates or len(chain) > 8:
            raise WrongError("w_stamp_chain")
        chain.append(above)
    if not last.signed(last):
        raise WrongError("w_stamp_chain")
    return chain


# --- the bundle ----------------------------------------------------------------------------------

_AFTER = ("evidence.json", "bundle.json", "evidence.tlog-proof", "SHA256SUMS")
_STARRED = ("proofs/", "consistency/", "stamps/")
_ALWAYS = (
    *(*_AFTER, "report.pdf", "README.txt", "words.csv", "stages.csv", "curve.svg"),
    *("coverage.csv", "clock.csv", "custody.csv", "chain.csv", "keys/log.pub"),
)
# Both, or neither where a hub holds to no root yet.
_OF_ROOT = ("keys/root.pub", "keys/keys.list")
_ALLOWED = re.compile(
    rf"log/{_N}\.json|proofs/{_N}\.tlog-proof|checkpoints/{_N}|consistency/{_N}"
    rf"|stamps/({_N}\.tsr|authority\.pem)|policy/[0-9a-f]{{12}}\.json|records/[^/]+-{_N}\.bin"
    r"|(seconds|events)/[^/]+\.csv|calibration/[^/]+\.json|pictures/.+"
)


def is_starred(name: str) -> bool:
    """Whether a member comes after the manifest."""
    return name in _AFTER or name.startswith(_STARRED)


class Manifest(NamedTuple):
    made: int
    origin: str
    since: int
    until: int
    utc_offset: int
    units: list[str]
    files: dict[str, Any]


def manifest_of(raw: bytes) -> Manifest:
    """Raises ValueError."""
    found = from_json(raw)
    names = {"format", "made", "origin", "from", "until", "utc_offset", "incident", "units"}
    if set(found) != names | {"claims", "files"} or found["format"] != FORMAT:
        raise ValueError("no manifest")
    since, until, made = (whole(found[name]) for name in ("from", "until", "made"))
    offset, units = found["utc_offset"], found["units"]
    if not DATED_FROM <= since < until <= min(made, since + LONGEST_SPAN):
        raise ValueError("no span")
    if type(offset) is not int or abs(offset) > 86400 or not isinstance(found["origin"], str):
        raise ValueError("no offset")
    if not isinstance(units, list) or not isinstance(found["files"], dict):
        raise TypeError("no manifest")
    if not units or any(not _NAME.fullmatch(unit) or "/" in unit for unit in units):
        raise ValueError("no units")
    if units != sorted(set(units)):
        raise ValueError("units")
    return Manifest(made, found["origin"], since, until, offset, units, found["files"])


class Verifier:
    """One bundle. What one check finds others use; where it is not there, they say so."""

    def __init__(self, data: bytes, report: Report) -> None:
        self.data, self.report = data, report
        self.members: dict[str, bytes] = {}
        self.manifest: Manifest | None = None
        self.root_der: bytes | None = None
        self.rootless = False
        self.keys: KeyList | None = None
        self.log_der: bytes | None = None
        self.note: Note | None = None
        self.at: int | None = None  # of the bundle's leaf
        self.nodes: Nodes = {}
        self.contents: dict[int, dict[str, Any]] = {}
        self.earlier: dict[int, Note] = {}
        self.seconds: dict[str, dict[int, Levels]] = {}
        self.events: list[Event] = []
        self.witnesses: list[str] = []
        self.stampers: list[str] = []
        # of cosignatures and stamps on the final checkpoint: whose, when
        self.seen: list[tuple[Key, int]] = []

    def need(self, value: Any) -> Any:
        if not value:
            raise AfterError
        return value

    def member(self, name: str) -> bytes:
        if name not in self.members:
            raise WrongError("w_missing", what=name)
        return self.members[name]

    def numbered(self, folder: str, ending: str) -> list[int]:
        """The numbers that members of a folder are called by."""
        pattern = re.compile(re.escape(folder) + _N + re.escape(ending))
        return sorted(int(m[1]) for m in map(pattern.fullmatch, self.members) if m)

    def verify(self, root: bytes | None, known: list[tuple[str, "Known | bytes"]]) -> None:
        """root: DER; known: what was handed in besides, by name."""
        claim = self.report.claim
        claim("container", self.check_container)
        claim("sums", self.check_sums)
        claim("files", self.check_files)
        claim("root", lambda: self.check_root(root))
        claim("keys", self.check_keys)
        claim("manifest", self.check_manifest)
        self.check_witnesses()
        self.check_earlier()
        self.check_stamps()
        claim("log_key", self.check_log_key)
        claim("contents", self.check_contents)
        units = self.manifest.units if self.manifest else []
        for unit in units:
            claim("records", lambda unit=unit: self.check_records(unit), unit=unit)
            claim("seconds", lambda unit=unit: self.check_seconds(unit), unit=unit)
            claim("events", lambda unit=unit: self.check_events(unit), unit=unit)
        claim("stages", self.check_stages)
        claim("words", self.check_words)
        claim("coverage", self.check_coverage)
        claim("clock", self.check_clock)
        self.check_policies()
        for unit in units:
            claim("chain", lambda unit=unit: self.check_chain(unit), unit=unit)
        for file, each in known:
            claim("known", lambda file=file, each=each: self.check_known(file, each), file=file)
        self.conclude()

    def check_container(self) -> dict[str, object]:
        self.members, end = members_of(self.data)
        return check_container(self.data, self.members, end)

    def check_sums(self) -> dict[str, object]:
        members = self.need(self.members)
        told = self.member("SHA256SUMS").split(b"\n")
        for line, name in zip(told, sorted(members.keys() - {"SHA256SUMS"}), strict=False):
            if line != f"{sha256(members[name]).hex()}  {name}".encode():
                raise WrongError("w_hash", what=name)
        if len(told) != len(members) or told[-1]:
            raise WrongError("w_form", what="SHA256SUMS")
        return {}

    def check_files(self) -> dict[str, object]:
        members = self.need(self.members)
        try:
            manifest = manifest_of(self.member("evidence.json"))
        except (ValueError, LookupError, TypeError, AttributeError):
            raise WrongError("w_form", what="evidence.json") from None
        self.manifest = manifest
        tables = [
            f"{what}/{unit}.csv" for unit in manifest.units for what in ("events", "seconds")
        ]
        for name in (*_ALWAYS, *tables, *sorted(manifest.files)):
            self.member(name)
        held = set(manifest.files)
        for name in sorted(members):
            of_a_unit = name.startswith(("events/", "seconds/"))
            if (name not in (*_ALWAYS, *_OF_ROOT) and not _ALLOWED.fullmatch(name)) or (
                (of_a_unit and name not in tables) or (name in held) == is_starred(name)
            ):
                raise WrongError("w_stranger", what=name)
        for name, told in sorted(manifest.files.items()):
            right = {"sha256": sha256(members[name]).hex(), "size": len(members[name])}
            if told != right:
                raise WrongError("w_hash", what=name)
        self._in_pairs("proofs/{}.tlog-proof", "log/{}.json")
        self._in_pairs("consistency/{}", "checkpoints/{}")
        stamps = self.numbered("stamps/", ".tsr")
        if ("stamps/authority.pem" in members) != bool(stamps):
            raise WrongError("w_stranger", what="stamps/authority.pem")
        return {"n": len(manifest.files)}

    def _in_pairs(self, one: str, other: str) -> None:
        for form, there in ((one, other), (other, one)):
            for n in self.numbered(*form.split("{}")):
                self.member(there.format(n))

    def check_root(self, given: bytes | None) -> dict[str, object] | None:
        self.need(self.members)
        if given is None and not any(name in self.members for name in _OF_ROOT):
            self.rootless = True
            (log,) = from_pem(self.member("keys/log.pub"), "PUBLIC KEY")
            self.report.add(ABSENT, "root--", fingerprint=fingerprint(log))
            return None
        try:
            (der,) = from_pem(self.member("keys/root.pub"), "PUBLIC KEY")
        except ValueError:
            raise WrongError("w_form", what="keys/root.pub") from None
        self.root_der = der
        print_ = fingerprint(der)
        if given is None:
            self.report.add(ABSENT, "root-", fingerprint=print_)
            return None
        if given != der:
            raise WrongError("w_root", fingerprint=print_)
        return {"fingerprint": print_}

    def check_keys(self) -> dict[str, object]:
        if self.rootless:
            raise AfterError
        keys = key_list_of(self.member("keys/keys.list"), self.need(self.root_der))
        self.keys = keys
        return {"number": keys.number, "issued": moment(keys.issued), "n": len(keys.keys)}

    def check_manifest(self) -> dict[str, object]:
        manifest = self.need(self.manifest)
        (log,) = from_pem(self.member("keys/log.pub"), "PUBLIC KEY")
        ed25519_raw(log)
        content = self.member("bundle.json")
        found, entry = entry_of(content)
        if found["kind"] != "bundle":
            raise WrongError("w_form", what="bundle.json")
        if found["manifest"] != sha256(self.member("evidence.json")).hex():
            raise WrongError("w_manifest")
        if found["at"] < manifest.made:
            raise WrongError("w_made")
        proof = proof_of(self.member("evidence.tlog-proof"))
        note = note_of(proof.checkpoint)
        if note.origin != manifest.origin or not is_signed_by_log(note, log):
            raise WrongError("w_signature", what="evidence.tlog-proof", who=manifest.origin)
        self.note, self.log_der = note, log
        nodes = included(proof.leaf, note.size, leaf_hash(entry), proof.hashes)
        if nodes[0, note.size] != note.root:
            raise WrongError("w_leaf", index=proof.leaf)
        self.nodes |= nodes
        self.at = found["at"]
        about = {"origin": note.origin, "index": proof.leaf, "size": note.size}
        return {**about, "at": moment(found["at"])}

    def check_log_key(self) -> dict[str, object]:
        keys, log, at = self.need(self.keys), self.need(self.log_der), self.need(self.at)
        key = keys.find("log", log)
        if key is None:
            raise WrongError("w_unlisted", name="keys/log.pub")
        must_hold(key, at, revocation=not self.was_seen(key))
        return {"name": key.name}

    def was_seen(self, key: Key) -> bool:
        """Whether another saw the log before its key was revoked: who stole it may date back."""
        when = [at for other, at in self.seen if other.revoked is None]
        return key.revoked is not None and any(at < key.revoked for at in when)

    def check_witnesses(self) -> None:
        """Of the final checkpoint."""
        note = self.note
        if note is None or len(note.signatures) < 2:
            self.report.add(ABSENT, "cosigned-")
            return
        before = ""
        for name, blob in note.signatures[1:]:

            def check(name: str = name, blob: bytes = blob, before: str = before) -> Any:
                if name <= before:
                    raise WrongError("w_twice", what=name)
                at, who = cosignature(note, name, blob, self.need(self.keys))
                # the name in its line is not signed: one witness must not pass for two
                if who in [key for key, _ in self.seen]:
                    raise WrongError("w_twice", what=who.name)
                self.seen.append((who, at))
                self.witnesses.append(who.name)
                age = at - self.need(self.at)
                return {"who": who.name, "at": moment(at), "size": note.size, "age": age}

            self.report.claim("cosigned", check, name=name)
            before = name

    def check_earlier(self) -> None:
        for size in self.numbered("checkpoints/", ""):

            def check(size: int = size) -> dict[str, object]:
                final, log = self.need(self.note), self.need(self.log_der)
                note = note_of(self.member(f"checkpoints/{size}"))
                proof = self.member(f"consistency/{size}")
                old, hashes_, checkpoint = _hashes_and_checkpoint(proof, "old ")
                if note.size != size or number(old) != size:
                    raise WrongError("w_form", what=f"consistency/{size}")
                if note.origin != final.origin or not is_signed_by_log(note, log):
                    raise WrongError("w_signature", what=f"checkpoints/{size}", who=final.origin)
                if checkpoint != self.final_checkpoint():
                    raise WrongError("w_checkpoint", what=f"consistency/{size}")
                if not consistent(size, note.root, final.size, final.root, hashes_):
                    raise WrongError("w_consistency")
                self.check_cosignatures(note)
                self.earlier[size] = note
                return {}

            self.report.claim("earlier", check, size=size)

    def check_cosignatures(self, note: Note) -> None:
        """All of an earlier checkpoint. Raises WrongError."""
        names = [name for name, _ in note.signatures[1:]]
        if names != sorted(set(names)):
            raise WrongError("w_twice", what=names[0])
        keys = self.listed()
        by = [cosignature(note, name, blob, keys)[1] for name, blob in note.signatures[1:]]
        if len(set(by)) < len(by):
            raise WrongError("w_twice", what=by[0].name)

    def listed(self) -> KeyList:
        """The list of keys, an empty one where there is no root."""
        return KeyList(0, 0, []) if self.rootless else self.need(self.keys)

    def final_checkpoint(self) -> bytes:
        return proof_of(self.member("evidence.tlog-proof")).checkpoint

    def check_stamps(self) -> None:
        sizes = self.numbered("stamps/", ".tsr")
        if not sizes:
            self.report.add(ABSENT, "stamp-")
        for size in sizes:
            self.report.claim("stamp", lambda size=size: self.check_stamp(size), size=size)
        # they are here because they were stamped: whoever took a stamp out cannot hide that
        for size in sorted(set(self.numbered("checkpoints/", "")) - set(sizes)):
            self.report.add(ABSENT, "stampless", size=size)

    def check_stamp(self, size: int) -> dict[str, object] | None:
        final, keys = self.need(self.note), self.listed()
        note = final if size == final.size else self.earlier.get(size)
        if note is None:
            raise WrongError("w_imprint")
        found = from_pem(self.member("stamps/authority.pem"), "CERTIFICATE")
        authority = [Certificate(raw) for raw in found]
        stamp = stamp_of(self.member(f"stamps/{size}.tsr"), note.text, authority)
        names = [keys.find("tsa", one.public) for one in stamp.chain]
        key = next((name for name in names if name), None)
        who, at = stamp.chain[0].name, moment(stamp.at)
        if key is None:
            print_ = fingerprint(authority[0].public)
            self.report.add(ABSENT, "stamp?", name=who, at=at, fingerprint=print_)
            return None
        must_hold(key, stamp.at)
        if size == final.size:
            self.seen.append((key, stamp.at))
        if who not in self.stampers:
            self.stampers.append(who)
        indexes = self.numbered("log/", ".json")
        within = sum(index < size for index in indexes)
        return {"name": who, "at": at, "within": within, "of": len(indexes)}

    def check_contents(self) -> dict[str, object]:
        final = self.need(self.note)
        self.need(self.manifest)
        last = self.final_checkpoint()
        contents: dict[int, dict[str, Any]] = {}
        for index in self.numbered("log/", ".json"):
            raw = self.member(f"log/{index}.json")
            proven = self.member(f"proofs/{index}.tlog-proof")
            try:
                content, entry = entry_of(raw)
                proof = proof_of(proven)
            except (ValueError, LookupError, TypeError, AttributeError):
                raise WrongError("w_form", what=f"proofs/{index}.tlog-proof") from None
            if proof.checkpoint != last:
                raise WrongError("w_checkpoint", what=f"proofs/{index}.tlog-proof")
            try:
                nodes = included(index, final.size, leaf_hash(entry), proof.hashes)
            except ValueError:
                raise WrongError("w_leaf", index=index) from None
            if proof.leaf != index or nodes[0, final.size] != final.root:
                raise WrongError("w_leaf", index=index)
            self.nodes |= nodes
            contents[index] = content
        if not contents:
            raise WrongError("w_missing", what="log/")
        self.contents = contents
        return {"kinds": self.report.counted([one["kind"] for one in contents.values()])}

    def check_records(self, unit: str) -> dict[str, object] | None:
        manifest = self.need(self.manifest)
        self.need(self.contents)
        batches = [
            (whole(c["boot"]), whole(c["first"]), whole(c["last"]), index, c)
            for index, c in self.contents.items()
            if c["kind"] == "batch" and c["unit"] == unit
        ]
        pattern = re.compile(r"records/(.+)-([0-9]+)\.bin")
        files = [m for m in map(pattern.fullmatch, sorted(self.members)) if m]
        stranger = next((m[0] for m in files if m[1] not in manifest.units), None)
        if stranger:
            raise WrongError("w_stranger", what=stranger)
        boots = sorted(int(m[2]) for m in files if m[1] == unit)
        for boot, _, _, _, _ in batches:
            self.member(f"records/{unit}-{boot}.bin")
        seconds: dict[int, Levels] = {}
        events: list[Event] = []
        n = gone = 0
        for boot in boots:
            member = f"records/{unit}-{boot}.bin"
            raw = raw_records(member, self.member(member))
            gone += self._in_batches(member, raw, sorted(b for b in batches if b[0] == boot))
            records = []
            for sequence, data in raw:
                try:
                    records.append(record_of(data, boot, sequence))
                except (ValueError, TypeError, RecursionError, struct.error):
                    raise WrongError("w_record", what=member, n=sequence) from None
            n += len(records)
            for t, record in dated(records):
                self._place(unit, boot, t, record, seconds, events)
        self.seconds[unit] = seconds
        self.events += events
        if not boots:
            self.report.add(ABSENT, "records-", unit=unit)
            return None
        return {"n": n, "batches": len(batches), "gone": gone}

    def _in_batches(self, member: str, raw: list[tuple[int, bytes]], batches: list[Any]) -> int:
        """How many numbers between the records of one boot have none. Raises WrongError unless
        each record is in one batch, and each batch has its records."""
        at, before = 0, None
        for _, first, last, index, content in batches:
            if before is not None and first <= before:
                raise WrongError("w_two_batches", index=index)
            if at < len(raw) and raw[at][0] < first:
                raise WrongError("w_no_batch", what=member, n=raw[at][0])
            mine = []
            while at < len(raw) and raw[at][0] <= last:
                mine.append(raw[at])
                at += 1
            digest = hashlib.sha256()
            for _, data in mine:
                digest.update(len(data).to_bytes(2, "big") + data)
            right = (digest.hexdigest(), len(mine))
            ends = bool(mine) and (mine[0][0], mine[-1][0]) == (first, last)
            if not ends or (content["records"], content["count"]) != right:
                raise WrongError("w_batch", what=member, index=index)
            before = last
        if at < len(raw):
            raise WrongError("w_no_batch", what=member, n=raw[at][0])
        return raw[-1][0] - raw[0][0] + 1 - len(raw) if raw else 0

    def _place(
        self,
        unit: str,
        boot: int,
        t: int | None,
        record: Record,
        seconds: dict[int, Levels],
        events: list[Event],
    ) -> None:
        assert self.manifest
        since, until = self.manifest.since, self.manifest.until
        if record.kind or not record.seconds:
            name = (unit, boot, record.sequence)
            events.append(Event(t, *name, record.kind, record.fields, record.told))
        elif t is not None:
            for at, second in enumerate(record.seconds, t):
                if since <= at < until:
                    there = seconds.get(at)
                    if there is None or _rank(second) > _rank(there):
                        seconds[at] = second

    def when(self, t: int) -> list[str]:
        """UTC and local."""
        offset = self.need(self.manifest).utc_offset
        return [_date_time(t, "T") + "Z", _date_time(t + offset, " ")]

    def local(self, t: int) -> str:
        """'2026-11-28 19:00:00 UTC+08:00'."""
        minutes = self.need(self.manifest).utc_offset // 60
        sign = "-" if minutes < 0 else "+"
        hours = f"{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        return f"{self.when(t)[1]} UTC{sign}{hours}"

    def check_seconds(self, unit: str) -> dict[str, object]:
        manifest = self.need(self.manifest)
        if unit not in self.seconds:
            raise AfterError
        seconds = self.seconds[unit]
        lines, valid = [SECONDS], 0
        for t in range(manifest.since, manifest.until):
            of_day = (t + manifest.utc_offset) % 86400
            when = f"{t},{of_day // 3600:02}:{of_day // 60 % 60:02}:{of_day % 60:02}"
            second = seconds.get(t)
            if second is None:
                lines.append(f"{when},,,,,,{NOT_RECEIVED}")
                continue
            A, F, C, P, flags = second
            told = f"{decibels(A)},{decibels(F)},{decibels(C)},{decibels(P)},{flags}"
            is_valid = flags & 15 == 0
            lines.append(f"{when},{told},{'' if is_valid else reason_of(second)}")
            valid += is_valid
        made = BOM + ("\n".join(lines) + "\n").encode()
        must_be(f"seconds/{unit}.csv", self.member(f"seconds/{unit}.csv"), made)
        n = manifest.until - manifest.since
        return {"n": n, "valid": valid, "lost": n - len(seconds)}

    def within(self) -> list[Event]:
        """Events of the span, in order. Raises AfterError where a unit's are not known."""
        manifest = self.need(self.manifest)
        if len(self.seconds) < len(manifest.units):
            raise AfterError
        return self._of_span(self.events)

    def _of_span(self, events: Iterable[Event]) -> list[Event]:
        manifest = self.need(self.manifest)
        since, until = manifest.since, manifest.until
        there = [e for e in events if e.t is not None and since <= e.t < until]
        return sorted(there, key=lambda e: e[:4])

    def check_events(self, unit: str) -> dict[str, object]:
        self.need(self.manifest)
        if unit not in self.seconds:
            raise AfterError
        rows = []
        for e in self._of_span(e for e in self.events if e.unit == unit):
            assert e.t is not None
            when = [str(e.t), *self.when(e.t)]
            rows.append([*when, str(e.boot), str(e.sequence), e.kind, e.told])
        member = f"events/{unit}.csv"
        must_be(member, self.member(member), csv_of(EVENTS, rows))
        return {"n": len(rows)}

    def _check_table(self, member: str, columns: str, kinds: tuple[str, ...]) -> dict[str, object]:
        names = columns.split(",")[6:]
        rows = []
        for e in self.within():
            if e.kind in kinds:
                assert e.t is not None
                told = [e.kind if name == "kind" else cell(e.fields, name) for name in names]
                name = [e.unit, str(e.boot), str(e.sequence)]
                rows.append([str(e.t), *self.when(e.t), *name, *told])
        must_be(member, self.member(member), csv_of(columns, rows))
        return {"n": len(rows)}

    def check_stages(self) -> dict[str, object]:
        return self._check_table("stages.csv", STAGES, ("stage",))

    def check_words(self) -> dict[str, object]:
        return self._check_table("words.csv", SAID, ("warning", "spoken", "outcome"))

    def check_coverage(self) -> dict[str, object]:
        manifest = self.need(self.manifest)
        rows: list[list[str]] = []
        for unit in manifest.units:
            if unit not in self.seconds:
                raise AfterError
            seconds = self.seconds[unit]
            begun, why = manifest.since, "valid"
            for t in range(manifest.since, manifest.until + 1):
                now = reason_of(seconds.get(t)) if t < manifest.until else ""
                if now != why:
                    if why != "valid":
                        when = [str(begun), *self.when(begun), str(t), str(t - begun), why]
                        rows.append([unit, *when])
                    begun, why = t, now
        must_be("coverage.csv", self.member("coverage.csv"), csv_of(COVERAGE, rows))
        return {"n": len(rows)}

    def check_clock(self) -> dict[str, object]:
        self.within()
        rows = []
        for e in sorted(self.events, key=lambda e: e[1:4]):
            if e.kind == "clock":
                at = e.fields["boot_at"]
                when = self.when(whole(at))
                told = [cell(e.fields, name) for name in ("source", "step", "drift")]
                rows.append([e.unit, str(e.boot), str(e.sequence), str(at), *when, *told])
        must_be("clock.csv", self.member("clock.csv"), csv_of(CLOCK, rows))
        return {"n": len(rows)}

    def check_policies(self) -> None:
        """Those that are here, and those that an event of the span names."""
        try:
            named = {e.fields.get("policy") for e in self.within()}
        except AfterError:
            named = set()
        there = {m[7:-5] for m in self.members if m.startswith("policy/")}
        wanted = {n for n in named if isinstance(n, str) and re.fullmatch("[0-9a-f]{12}", n)}
        for name in sorted(wanted | there):
            if name not in there:
                self.report.add(ABSENT, "policy-", name=name)
                continue

            def check(name: str = name) -> dict[str, object]:
                raw = self.member(f"policy/{name}.json")
                from_json(raw)
                if not sha256(raw).hex().startswith(name):
                    raise WrongError("w_hash", what=f"policy/{name}.json")
                return {}

            self.report.claim("policy", check, name=name)

    def check_chain(self, unit: str) -> dict[str, object] | None:
        self.need(self.contents)
        try:
            heading, *rows = from_csv(self.member("chain.csv"))
        except ValueError:
            raise WrongError("w_form", what="chain.csv") from None
        if heading != CHAIN.split(",") or any(len(row) != 8 for row in rows):
            raise WrongError("w_form", what="chain.csv")
        kinds = [row[6] for row in rows if row[3] == unit]
        found = set(kinds)
        for index, content in self.contents.items():
            if content["kind"] == "batch" and content["unit"] == unit:
                kind = content["chain"]
                if kind != "whole" and kind not in found:
                    raise WrongError("w_untold", index=index, kind=kind)
        if {"break", "fork", "revoked"} & found:
            raise WrongError("w_found", kinds=self.report.counted(kinds))
        if found == {"none"}:
            self.report.add(ABSENT, "chain0", unit=unit)
            return None
        if found - {"rekeyed"}:
            self.report.add(ABSENT, "chain-", unit=unit, kinds=self.report.counted(kinds))
            return None
        return {}

    def check_key_list(self, file: str, raw: bytes) -> None:
        """Whether a newer list revokes what was used here."""
        mine = self.need(self.keys)
        newer = key_list_of(raw, self.need(self.root_der))
        if newer.number == mine.number and raw != self.member("keys/keys.list"):
            raise WrongError("w_two_lists", number=mine.number)
        if newer.number <= mine.number:
            self.report.add(ABSENT, "known_old_keys", file=file, number=newer.number)
            return
        log = newer.find("log", self.need(self.log_der))
        seen = [(newer.find(key.role, key.der), at) for key, at in self.seen]
        if log is None or any(key is None for key, _ in seen):
            raise WrongError("w_unlisted", name="keys/log.pub")
        self.seen = [(key, at) for key, at in seen if key]
        must_hold(log, self.need(self.at), revocation=not self.was_seen(log))
        for key, at in self.seen:
            must_hold(key, at)
        self.report.add(PROVEN, "known_keys", file=file, number=newer.number)

    def check_known(self, file: str, known: "Known | bytes") -> None:
        """Whether what somebody has from before is of the same log, and of the same history."""
        if isinstance(known, bytes):
            self.check_key_list(file, known)
            return
        note, log = self.need(self.note), self.need(self.log_der)
        other, nodes = known.note, known.nodes
        if other.origin != note.origin:
            self.report.add(ABSENT, "known_other", file=file, origin=other.origin)
            return
        if not is_signed_by_log(other, log):
            raise WrongError("w_other_key")
        old, new = sorted((other.size, note.size))
        split = WrongError("w_split", old=old, new=new)
        if old == new:
            if other.root != note.root:
                raise split
            self.report.add(PROVEN, "known_same", file=file, size=old)
            return
        small, large = (other, note) if other.size == old else (note, other)
        mine = dict(self.nodes)
        for n, earlier in self.earlier.items():
            mine.update({(0, n): earlier.root})
        within = mine if large is note else nodes
        # Only of what both trees have whole.
        for span, hash_ in nodes.items():
            if span[1] <= old and span in mine and _is_complete(span) and mine[span] != hash_:
                raise split
        derived = root_from(within, 0, old)
        if derived is not None and derived != small.root:
            raise split
        at = known.at if known.at is not None else self._cosigned_at(other)
        mine_at = self.need(self.at)
        if other.size > note.size and at is not None and at < mine_at:
            times = {"at_old": moment(at), "at_new": moment(mine_at)}
            raise WrongError("w_rollback", old=other.size, new=note.size, **times)
        if derived is None:
            self.report.add(ABSENT, "known_open", file=file, old=old, new=new)
        else:
            self.report.add(PROVEN, "known_prefix", file=file, old=old, new=new)

    def _cosigned_at(self, note: Note) -> int | None:
        """When a witness of our list saw a checkpoint."""
        found = []
        for name, blob in note.signatures[1:]:
            try:
                found.append(cosignature(note, name, blob, self.need(self.keys))[0])
            except (WrongError, AfterError, ValueError):
                continue
        return min(found, default=None)

    def conclude(self) -> None:
        say = self.report.say
        wrong = sum(line.state == FALSE for line in self.report.lines)
        if wrong or not (self.manifest and self.note and self.at and self.log_der):
            self.report.end = [say("end_1", n=wrong), say("end_1_not")]
            return
        others = "".join(say("end_witness", name=name) for name in self.witnesses)
        others += "".join(say("end_stamp", name=name) for name in self.stampers)
        # what the log says of the time is its own word: another's counts where there is one
        at = min((at for _, at in self.seen), default=self.at)
        about = {"origin": self.note.origin, "at": moment(at), "others": others}
        span = {"since": self.local(self.manifest.since), "until": self.local(self.manifest.until)}
        units = self.report.joined(self.manifest.units)
        by = say("end_rootless", fingerprint=fingerprint(self.log_der))
        if self.root_der:
            by = say("end_root", fingerprint=fingerprint(self.root_der))
        text = say("end_0", units=units, by=by, **about, **span)
        self.report.end = [text, say("end_not")]


def _is_complete(span: Span) -> bool:
    """Whether a subtree has 2**n leaves, and will never be another."""
    size = span[1] - span[0]
    return size & (size - 1) == 0 and span[0] % size == 0


def reason_of(second: Levels | None) -> str:
    if second is None:
        return NOT_RECEIVED
    code = second[4] & 15
    return REASONS[code] if code < len(REASONS) else "unknown"


def raw_records(member: str, data: bytes) -> list[tuple[int, bytes]]:
    """(sequence, record) of each, rising. Raises WrongError."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        record = data[at + 2 : at + 2 + length]
        if len(record) != length or length < 13:
            raise WrongError("w_form", what=member)
        sequence = int.from_bytes(record[5:9], "little")
        if found and sequence <= found[-1][0]:
            raise WrongError("w_twice", what=f"{member}: {sequence}")
        found.append((sequence, record))
        at += 2 + length
    return found


class Known(NamedTuple):
    """nodes: that its proofs show; at: when, where its own leaf says so."""

    note: Note
    nodes: Nodes
    at: int | None


def known_of(file: str, data: bytes) -> Known | bytes:
    """A checkpoint, tlog-proof, consistency proof or bundle; a key list as it is. Raises
    UnusableError."""
    try:
        if data.startswith(b"noisetamer keys/v1\n"):
            return data
        if is_bundle(data):
            return _known_bundle(data)
        if data.startswith(b"c2sp.org/"):
            return Known(note_of(proof_of(data).checkpoint), {}, None)
        if data.startswith(b"old "):
            old, proof, checkpoint = _hashes_and_checkpoint(data, "old ")
            note = note_of(checkpoint)
            spans = consistency_spans(number(old), note.size)
            if not 0 < number(old) < note.size or len(spans) != len(proof):
                raise ValueError("no proof")
            nodes = dict(zip(spans, proof, strict=True))
            if root_from(nodes, 0, note.size) != note.root:
                nodes = {}
            return Known(note, nodes, None)
        return Known(note_of(data), {}, None)
    except (ValueError, LookupError, TypeError, AttributeError, WrongError, RecursionError):
        raise UnusableError("u_known", file=file) from None


def _known_bundle(data: bytes) -> Known:
    members, _ = members_of(data)
    proof = proof_of(members["evidence.tlog-proof"])
    note = note_of(proof.checkpoint)
    content, entry = entry_of(members["bundle.json"])
    nodes = included(proof.leaf, note.size, leaf_hash(entry), proof.hashes)
    if nodes[0, note.size] != note.root:
        raise ValueError("not in its log")
    for name, raw in members.items():
        if re.fullmatch(r"proofs/[0-9]+\.tlog-proof", name):
            each = proof_of(raw)
            _, entry = entry_of(members[f"log/{each.leaf}.json"])
            more = included(each.leaf, note.size, leaf_hash(entry), each.hashes)
            if more[0, note.size] == note.root:
                nodes |= more
    return Known(note, nodes, whole(content["at"]))


def verify(
    data: bytes,
    language: str = "en",
    root: bytes | None = None,
    known: list[tuple[str, bytes]] | None = None,
    file: str = "the file",
) -> Report:
    """The report on a bundle. root: root.pub, PEM; known: (name, bytes) of files. Raises
    UnusableError."""
    if not is_bundle(data):
        raise UnusableError("u_bundle", file=file)
    der = None
    if root is not None:
        try:
            (der,) = from_pem(root, "PUBLIC KEY")
            if not isinstance(load_der_public_key(der), rsa.RSAPublicKey):
                raise TypeError("another key")
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise UnusableError("u_root", file="--root") from None
    others = [(name, known_of(name, raw)) for name, raw in known or []]
    report = Report(language)
    Verifier(data, report).verify(der, others)
    return report


def main(arguments: list[str] | None = None) -> int:
    """The command. The exit code."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    parser = argparse.ArgumentParser(
        prog="verify_evidence.py", description="Verify an evidence bundle of a noise hub."
    )
    parser.add_argument("file", type=Path, metavar="FILE.zip")
    parser.add_argument("--root", type=Path, metavar="ROOT.pub", help="as you got it elsewhere")
    parser.add_argument(
        "--known",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint, .tlog-proof or bundle of the same log, or a newer keys.list, that you "
        "have; again for more",
    )
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh" if spoken[:2] == "zh" else "en"
    )
    asked = parser.parse_args(arguments)
    language = asked.lang
    for stream in (sys.stdout, sys.stderr):
        # a terminal that has not every letter is shown the others
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        data = _read(asked.file)
        root = _read(asked.root) if asked.root else None
        known = [(str(file), _read(file)) for file in asked.known]
        report = verify(data, language, root, known, str(asked.file))
    except UnusableError as error:
        print(Report(language).say(error.key, **error.values), file=sys.stderr)
        return 2
    for line in report.lines:
        word = report.say(line.state)
        # a Chinese character is two columns wide
        columns = len(word) if language == "en" else 2 * len(word)
        print(f"{word}{' ' * (10 - columns)}{line.text}")
    print("\n" + "\n".join(report.end))
    return report.code


def _read(file: Path) -> bytes:
    try:
        # a zip without zip64
        if file.stat().st_size >= 2**32:
            raise UnusableError("u_large", file=file)
        return file.read_bytes()
    except OSError as error:
        raise UnusableError("u_read", file=file, why=error.strerror or error) from None


if __name__ == "__main__":
    sys.exit(main())
