// Bytes, texts and numbers, each in its one form. What is not throws.

/** Why a claim is false. key: of the words. */
export class Wrong extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

/** What a claim needs is false, or not there. */
export class After extends Error {}

/** Input that is no bundle, no key, no checkpoint. */
export class Unusable extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text) => new TextEncoder().encode(text);
export const text = (bytes) => STRICT.decode(bytes);

/** Throws unless it is so. */
export function must(so) {
  if (!so) throw new Error("not in its form");
}

/** Of a list: a call takes no hundred thousand arguments. */
export function joined(parts) {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

export function same(one, other) {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

export function startsWith(bytes, beginning) {
  return same(bytes.subarray(0, beginning.length), beginning);
}

/** Where bytes are found; -1 where they are not. */
export function find(bytes, wanted) {
  outer: for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    for (let i = 1; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) continue outer;
    return at;
  }
  return -1;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (two) => parseInt(two, 16));

export async function digest(name, bytes) {
  const known = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };
  must(known[name]);
  return new Uint8Array(await crypto.subtle.digest(known[name], bytes));
}

export const sha256 = (bytes) => digest("sha256", bytes);

export async function fingerprint(der) {
  return hex(await sha256(der)).match(/.{4}/g).join(" ");
}

/** RFC 4648, section 4. */
export function fromBase64(letters) {
  must(/^[A-Za-z0-9+/]*={0,2}$/.test(letters) && letters.length % 4 === 0);
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  must(toBase64(bytes) === letters);
  return bytes;
}

export function toBase64(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(letters);
}

/** What is in a PEM file of this kind alone. */
export function fromPem(bytes, kind) {
  const begin = `-----BEGIN ${kind}-----\n`;
  const end = `-----END ${kind}-----`;
  const found = text(bytes)
    .split(begin)
    .slice(1)
    .map((part) => {
      const line = part.replaceAll("\n", "");
      return fromBase64(line.endsWith(end) ? line.slice(0, -end.length) : line);
    });
  must(found.length && same(utf8(found.map((der) => pem(der, kind)).join("")), bytes));
  return found;
}

function pem(der, kind) {
  const lines = (toBase64(der).match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join("");
  return `-----BEGIN ${kind}-----\n${lines}-----END ${kind}-----\n`;
}

export function only(found) {
  must(found.length === 1);
  return found[0];
}

/** An integer from 0 to what can be counted to. */
export function whole(value) {
  must(Number.isSafeInteger(value) && value >= 0);
  return value;
}

// The digits that can be counted to: names of members have no more, or they were let in and not
// looked at.
export const N = "(0|[1-9][0-9]{0,14})";
const NUMBER = new RegExp(`^${N}$`);

export const isNumber = (digits) => NUMBER.test(digits);

export function number(digits) {
  must(isNumber(digits));
  return Number(digits);
}

export function has(table, ...names) {
  must(table !== null && typeof table === "object" && !Array.isArray(table));
  const keys = Object.keys(table);
  return keys.length === names.length && names.every((name) => Object.hasOwn(table, name));
}

/** A field that must be there. */
export function get(table, name) {
  must(table !== null && typeof table === "object" && Object.hasOwn(table, name));
  return table[name];
}

/** As code points are ordered. */
export function compare(one, other) {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i].codePointAt(0) - b[i].codePointAt(0);
  }
  return a.length - b.length;
}

/** By several keys, numbers or ASCII texts. */
export function byKeys(...keys) {
  return (one, other) => {
    for (const key of keys) {
      const [a, b] = [key(one), key(other)];
      if (a < b) return -1;
      if (a > b) return 1;
    }
    return 0;
  };
}

/** A number that is written as no integer. */
class Real {
  constructor(value) {
    this.value = value;
  }
}

/** Canonical JSON: sorted keys, each once, no space. */
export function fromJson(bytes) {
  const source = text(bytes);
  let at = 0;
  const eat = (letter) => {
    must(source[at] === letter);
    at += 1;
  };
  const string = () => {
    const token = /"(?:[^"\\]|\\.)*"/y;
    token.lastIndex = at;
    const [found] = token.exec(source) ?? [];
    must(found);
    const value = JSON.parse(found);
    must(JSON.stringify(value) === found);
    at += found.length;
    return value;
  };
  const list = (end, one) => {
    at += 1;
    if (source[at] === end) {
      at += 1;
      return;
    }
    for (;;) {
      one();
      if (source[at] === end) break;
      eat(",");
    }
    at += 1;
  };
  const value = (depth) => {
    must(depth < 200);
    const first = source[at];
    if (first === '"') return string();
    if (first === "[") {
      const found = [];
      list("]", () => found.push(value(depth + 1)));
      return found;
    }
    if (first === "{") {
      const found = Object.create(null);
      let before = null;
      list("}", () => {
        const key = string();
        must(before === null || compare(before, key) < 0);
        before = key;
        eat(":");
        found[key] = value(depth + 1);
      });
      return found;
    }
    for (const [word, meant] of [["true", true], ["false", false], ["null", null]]) {
      if (source.startsWith(word, at)) {
        at += word.length;
        return meant;
      }
    }
    const token = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
    token.lastIndex = at;
    const [found, fraction, exponent] = token.exec(source) ?? [];
    must(found && found !== "-0");
    must(!fraction || exponent || /^\.(0|\d*[1-9])$/.test(fraction));
    must(!exponent || /^e[-+]\d\d+$/.test(exponent));
    at += found.length;
    return fraction || exponent ? new Real(Number(found)) : Number(found);
  };
  const found = value(0);
  must(at === source.length);
  return found;
}

export const two = (n) => String(n).padStart(2, "0");

/** '2026-11-28' and '11:00:00' of Unix time. */
export function dateTime(t, between) {
  must(t >= 0 && t < 253402300800);
  return new Date(t * 1000).toISOString().slice(0, 19).replace("T", between);
}

export const moment = (t) => `${dateTime(t, " ")} UTC`;

/** '19:00:00' of a time of the local clock. */
export function ofDay(t) {
  const second = ((t % 86400) + 86400) % 86400;
  return `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}
