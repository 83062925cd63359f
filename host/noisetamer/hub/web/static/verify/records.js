// What a box told: records as the wire has them, and the tables that are made of them.
import { Wrong, joined, must, same, text, utf8, whole } from "./forms.js";

export const DATED_FROM = 1000000000;
const MISSING = -32768;
export const NOT_RECEIVED = "not received";
const REASONS = [
  "valid", "power", "gap", "microphone", "overload", "under-range", "own voice", "wind", "clock",
  "rain",
];

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** [sequence, record] of each, rising. Throws Wrong. */
export function rawRecords(member, bytes) {
  const found = [];
  let at = 0;
  while (at < bytes.length) {
    const length = bytes.length - at > 1 ? viewOf(bytes).getUint16(at) : bytes[at];
    const record = bytes.subarray(at + 2, at + 2 + length);
    if (record.length !== length || length < 13) throw new Wrong("w_form", { what: member });
    const sequence = viewOf(record).getUint32(5, true);
    if (found.length && sequence <= found.at(-1)[0]) {
      throw new Wrong("w_twice", { what: `${member}: ${sequence}` });
    }
    found.push([sequence, record]);
    at += 2 + length;
  }
  return found;
}

/** {sequence, t, seconds: [[LAeq, LAFmax, LCeq, LCpeak, flags]], kind, fields, told}. */
export function recordOf(raw, boot, sequence) {
  const view = viewOf(raw);
  const [code, t] = [raw[0], view.getUint32(9, true)];
  must(view.getUint32(1, true) === boot && view.getUint32(5, true) === sequence);
  const body = raw.subarray(13);
  const made = { sequence, t, seconds: [], kind: "", fields: {}, told: "" };
  if (code === 1) {
    must(body.length && body.length % 10 === 0);
    for (let at = 13; at < raw.length; at += 10) {
      const levels = [0, 2, 4, 6].map((more) => view.getInt16(at + more, true));
      made.seconds.push([...levels, view.getUint16(at + 8, true)]);
    }
    return made;
  }
  if (code === 3) return { ...made, seconds: decoded(body) };
  must(code === 2);
  const told = text(body);
  JSON.parse(told);
  const event = JSON.parse(told.replace(TOKEN, integersAlone));
  must(Array.isArray(event) && event.length === 2 && typeof event[0] === "string");
  must(event[1] !== null && typeof event[1] === "object" && !Array.isArray(event[1]));
  return { ...made, kind: event[0], fields: event[1], told };
}

// A text, or a number.
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Of JSON: 2.0 is no integer, and JSON.parse would not say so. */
function integersAlone(token) {
  return token.startsWith('"') || /^-?\d+$/.test(token) ? token : "null";
}

class Bits {
  constructor(bytes) {
    this.bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
    this.at = 0;
  }

  take(n) {
    const at = this.at;
    this.at += n;
    must(this.at <= this.bits.length);
    return n ? parseInt(this.bits.slice(at, this.at), 2) : 0;
  }

  /** 16 bits, signed. */
  word() {
    const value = this.take(16);
    return value & 0x8000 ? value - 0x10000 : value;
  }

  /** A level: its difference from what is expected, or after 20 zeros the level itself. */
  rice(k, expected) {
    const at = this.bits.slice(this.at, this.at + 20).indexOf("1");
    if (at < 0) {
      this.take(20);
      return this.word();
    }
    this.at += at + 1;
    const value = (at << k) | this.take(k);
    return expected + ((value >> 1) ^ -(value & 1));
  }
}

/** Seconds of code 3. */
function decoded(bytes) {
  const bits = new Bits(bytes);
  const n = bits.take(4) + 1;
  const flags = Array(n).fill(0);
  if (bits.take(1)) {
    let now = 0;
    for (let i = 0; i < n; i++) {
      if (bits.take(1)) now = bits.take(bits.take(1) ? 16 : 4);
      flags[i] = now;
    }
  }
  const heard = Array(n).fill(1);
  if (bits.take(1)) for (let i = 0; i < n; i++) heard[i] = bits.take(1);
  const found = [];
  let before = null;
  let k = [];
  for (let i = 0; i < n; i++) {
    if (!heard[i]) {
      found.push([MISSING, MISSING, MISSING, MISSING, flags[i]]);
      continue;
    }
    if (before === null) {
      k = [bits.take(3), bits.take(3), bits.take(3), bits.take(3)];
      let A = bits.take(11);
      if (A === 2047) A = bits.word();
      before = [A, bits.rice(4, A + 15), bits.rice(6, A + 80), bits.rice(6, A + 200)];
    } else {
      const [A0, F0, C0, P0] = before;
      const A = bits.rice(k[0], A0);
      const F = bits.rice(k[1], F0 + A - A0);
      const C = bits.rice(k[2], C0 + ((A - A0) >> 1));
      before = [A, F, C, bits.rice(k[3], P0 + C - C0)];
    }
    found.push([...before, flags[i]]);
  }
  must(bits.bits.length - bits.at < 8);
  return found;
}

/** Of two claims to one second, whether the first counts. */
export function counts(one, other) {
  const valid = [one, other].map((second) => ((second[4] & 15) === 0 ? 1 : 0));
  const [a, b] = [one, other].map((s, i) => [valid[i], s[0], s[1], s[2], s[3], -s[4]]);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] > b[i];
  return false;
}

/** [time or null, record] of the records of one boot. */
export function dated(records) {
  const clocks = records.filter(
    (record) => record.kind === "clock" && whole(record.fields.boot_at) >= DATED_FROM,
  );
  let last = clocks.length ? clocks[0].fields.boot_at : null;
  let ahead = 0;
  return records.map((record) => {
    while (ahead < clocks.length && clocks[ahead].sequence < record.sequence) {
      last = clocks[ahead].fields.boot_at;
      ahead += 1;
    }
    if (record.t >= DATED_FROM) return [record.t, record];
    return [last === null ? null : record.t + last, record];
  });
}

export function reasonOf(second) {
  return second ? (REASONS[second[4] & 15] ?? "unknown") : NOT_RECEIVED;
}

export const decibels = (level) => (level === MISSING ? "" : (level / 10).toFixed(1));

export function cell(fields, name) {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value === "boolean") return String(value);
  if (Number.isSafeInteger(value)) {
    return name === "limit" || name === "level" ? decibels(value) : String(value);
  }
  return typeof value === "string" ? value : "";
}

const MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

export function csvOf(columns, rows) {
  const quoted = (word) => (/[,"\r\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word);
  const lines = rows.map((row) => `${row.map((word) => quoted(String(word))).join(",")}\n`);
  return joined([MARK, utf8(`${columns}\n${lines.join("")}`)]);
}

/** Rows, the heading first. */
export function fromCsv(bytes) {
  const all = text(bytes);
  must(all.startsWith("\ufeff"));
  const rows = [[]];
  // one after the other: a search for the next would look through all the rest from every quote
  const cells = all.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^,"\n]*))(,|\n)/gy);
  for (const [, quoted, plain, end] of cells) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') || plain || "");
    if (end === "\n") rows.push([]);
  }
  rows.pop();
  must(rows.length);
  must(same(csvOf(rows[0].join(","), rows.slice(1)), bytes));
  return rows;
}

/** Throws Wrong with the first line of a table that is another. */
export function mustBe(member, is, made) {
  if (same(is, made)) return;
  const shared = Math.min(is.length, made.length);
  let line = 1;
  for (let at = 0; at < shared && is[at] === made[at]; at++) if (is[at] === 10) line += 1;
  throw new Wrong("w_line", { what: member, line });
}
