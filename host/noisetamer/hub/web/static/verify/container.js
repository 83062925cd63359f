// The one zip of a bundle's members: stored, sorted, of one time.
import { Wrong, find, joined, startsWith, utf8 } from "./forms.js";

export const NAME = /^[A-Za-z0-9_+-][A-Za-z0-9._+-]*(\/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)*$/;
const MEMBER = Uint8Array.of(0x50, 0x4b, 3, 4);
const LISTED = Uint8Array.of(0x50, 0x4b, 1, 2);

/** Whether it is, or was, a bundle: all else is no input. */
export function isBundle(bytes) {
  return ["evidence.json", "evidence.tlog-proof"].some((name) => find(bytes, utf8(name)) >= 0);
}

/** {members: Map, end}: what can be read from the beginning on, and where that ends. */
export function membersOf(bytes) {
  const members = new Map();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (startsWith(bytes.subarray(at, at + 4), MEMBER) && at + 30 <= bytes.length) {
    const size = view.getUint32(at + 22, true);
    const start = at + 30 + view.getUint16(at + 26, true);
    const name = String.fromCharCode(...bytes.subarray(at + 30, start));
    if (start + size > bytes.length || !NAME.test(name)) break;
    if (members.has(name)) throw new Wrong("w_twice", { what: name });
    members.set(name, bytes.subarray(start, start + size));
    at = start + size;
  }
  return { members, end: at };
}

let table = null;

function crc32(bytes) {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let i = 0; i < 8; i++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  let crc = -1;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Numbers of so many bytes each, little-endian. */
function packed(...pairs) {
  const made = new Uint8Array(pairs.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(made.buffer);
  let at = 0;
  for (const [size, value] of pairs) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return made;
}

export function container(members) {
  const local = [];
  const central = [];
  let offset = 0;
  for (const name of [...members.keys()].sort()) {
    const [data, path] = [members.get(name), utf8(name)];
    const about = [
      [2, 20], [2, 0], [2, 0], [2, 0], [2, 33], [4, crc32(data)], [4, data.length],
      [4, data.length], [2, path.length], [2, 0],
    ];
    local.push(packed([4, 0x04034b50], ...about), path, data);
    const more = [[2, 0], [2, 0], [2, 0], [4, (0o100644 << 16) >>> 0], [4, offset]];
    central.push(packed([4, 0x02014b50], [2, 20 | (3 << 8)], ...about, ...more), path);
    offset += 30 + path.length + data.length;
  }
  const listed = joined(central);
  const n = members.size;
  const end = packed(
    [4, 0x06054b50], [2, 0], [2, 0], [2, n], [2, n], [4, listed.length], [4, offset], [2, 0],
  );
  return joined([...local, listed, end]);
}

/** Throws Wrong at the first byte that is not as the form has it. */
export function checkContainer(bytes, members, end) {
  const made = container(members);
  const shared = Math.min(made.length, bytes.length);
  let at = 0;
  while (at < shared && made[at] === bytes[at]) at += 1;
  if (at === shared && made.length === bytes.length) return { n: members.size };
  if (at >= end) {
    if (!startsWith(bytes.subarray(end, end + 4), LISTED)) throw new Wrong("w_short", { at: end });
    throw new Wrong("w_bytes", { at, what: "zip" });
  }
  let offset = 0;
  for (const name of [...members.keys()].sort()) {
    // of what stands in a member the first that differs is its checksum
    if (at >= offset + 14 && at < offset + 18) throw new Wrong("w_crc", { what: name });
    offset += 30 + name.length + members.get(name).length;
    if (at < offset) throw new Wrong("w_bytes", { at, what: name });
  }
  throw new Wrong("w_bytes", { at, what: "zip" });
}
