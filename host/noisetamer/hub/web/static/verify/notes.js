// C2SP's signed notes: checkpoints, cosignatures, proofs; and the list of keys that the root signed.
import {
  Wrong, find, fromBase64, fromJson, get, has, hex, joined, moment, must, number, same, sha256,
  startsWith, text, utf8, whole,
} from "./forms.js";
import { ed25519Raw, isSigned } from "./signatures.js";

// No Unicode space, no plus, no control character.
const NOTE_NAME = /^[^\0- +\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

/** A checkpoint: origin, size, root, text (bytes), signatures: [name, bytes]. */
export function noteOf(raw) {
  const all = text(raw);
  const at = all.lastIndexOf("\n\n");
  must(at >= 0);
  const body = all.slice(0, at);
  const three = body.split("\n");
  must(three.length === 3);
  const [origin, size, root] = three;
  const lines = all.slice(at + 2).split("\n");
  must(lines.length >= 2 && lines.pop() === "" && NOTE_NAME.test(origin));
  const signatures = lines.map((line) => {
    const parts = line.split(" ");
    must(parts.length === 3 && parts[0] === "—" && NOTE_NAME.test(parts[1]));
    return [parts[1], fromBase64(parts[2])];
  });
  const note = {
    origin, size: number(size), root: fromBase64(root), text: utf8(`${body}\n`), signatures,
  };
  must(note.root.length === 32 && note.size);
  return note;
}

async function keyId(name, kind, key) {
  return (await sha256(joined([utf8(`${name}\n`), Uint8Array.of(kind), key]))).subarray(0, 4);
}

/** Whether its first signature is the log's. */
export async function isSignedByLog(note, log) {
  const [name, blob] = note.signatures[0];
  const id = await keyId(note.origin, 1, ed25519Raw(log));
  return name === note.origin && blob.length === 68 && same(blob.subarray(0, 4), id)
    && isSigned("ed25519", log, blob.subarray(4), note.text);
}

/** {rest, hashes, checkpoint}: of the line that begins with head, and what follows it. */
export function hashesAndCheckpoint(raw, head) {
  const at = find(raw, utf8("\n\n"));
  must(at >= 0);
  const [line, ...rest] = text(raw.subarray(0, at)).split("\n");
  const hashes = rest.map(fromBase64);
  must(line.startsWith(head) && hashes.every((hash) => hash.length === 32));
  return { rest: line.slice(head.length), hashes, checkpoint: raw.subarray(at + 2) };
}

export function proofOf(raw) {
  const head = utf8("c2sp.org/tlog-proof@v1\n");
  must(startsWith(raw, head));
  const { rest, hashes, checkpoint } = hashesAndCheckpoint(raw.subarray(head.length), "index ");
  return { leaf: number(rest), hashes, checkpoint };
}

/** [the content, the entry of the log that commits to it]. */
export async function entryOf(content) {
  const found = fromJson(content);
  const [kind, at, salt] = [get(found, "kind"), whole(get(found, "at")), get(found, "salt")];
  must(typeof kind === "string" && /^[a-z]+$/.test(kind));
  must(typeof salt === "string" && /^[0-9a-f]{32}$/.test(salt));
  const hash = hex(await sha256(content));
  return [found, utf8(`noisetamer-leaf/v1\n${kind}\n${at}\n${hash}\n`)];
}

/** {number, issued, keys}. Throws Wrong where the root did not sign it. */
export async function keyListOf(raw, root) {
  const lines = text(raw).split("\n");
  must(lines.length === 4);
  const [head, body, signature, end] = lines;
  const found = fromJson(utf8(body));
  must(head === "noisetamer keys/v1" && !end && has(found, "number", "issued", "keys"));
  must(Array.isArray(found.keys));
  const keys = found.keys.map(keyOf);
  must(new Set(keys.map((key) => key.name)).size === keys.length);
  const mark = "— root ";
  const signed = signature.startsWith(mark)
    && (await isSigned("rsa", root, fromBase64(signature.slice(mark.length)), utf8(`${head}\n${body}\n`)));
  if (!signed) throw new Wrong("w_signature", { what: "keys/keys.list", who: "root" });
  return { number: whole(found.number), issued: whole(found.issued), keys };
}

function keyOf(one) {
  must(has(one, "name", "role", "algorithm", "public", "from", "until", "revoked", "why"));
  must([one.name, one.role, one.why].every((word) => typeof word === "string"));
  const [until, revoked] = [one.until, one.revoked].map((t) => (t === null ? null : whole(t)));
  must(typeof one.public === "string");
  const der = fromBase64(one.public);
  return { name: one.name, role: one.role, der, since: whole(one.from), until, revoked, why: one.why };
}

export function findKey(list, role, der) {
  return list.keys.find((key) => key.role === role && same(key.der, der));
}

/** Throws Wrong where the key did not hold at that time, or is revoked. */
export function mustHold(key, at, revocation = true) {
  if (at < key.since || (key.until !== null && at >= key.until)) {
    throw new Wrong("w_key_time", { name: key.name, at: moment(at) });
  }
  if (revocation && key.revoked !== null) {
    throw new Wrong("w_revoked", { name: key.name, at: moment(key.revoked), why: key.why });
  }
}

/** [when a witness of the list cosigned, its key]. Throws Wrong. */
export async function cosignature(note, name, blob, list) {
  let key = null;
  for (const one of list.keys) {
    if (!key && one.role === "witness") {
      if (same(await keyId(name, 4, ed25519Raw(one.der)), blob.subarray(0, 4))) key = one;
    }
  }
  if (!key) throw new Wrong("w_unlisted", { name });
  let at = 0n;
  for (const byte of blob.subarray(4, 12)) at = (at << 8n) | BigInt(byte);
  const signed = joined([utf8(`cosignature/v1\ntime ${at}\n`), note.text]);
  if (blob.length !== 76 || !(await isSigned("ed25519", key.der, blob.subarray(12), signed))) {
    throw new Wrong("w_signature", { what: String(note.size), who: key.name });
  }
  mustHold(key, Number(at));
  return [Number(at), key];
}
