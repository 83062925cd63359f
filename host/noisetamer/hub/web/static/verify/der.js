// DER (X.690): definite lengths, as short as can be.
import { must } from "./forms.js";

export const INTEGER = 2;
export const BITS = 3;
export const OCTETS = 4;
export const OID = 6;
export const SEQUENCE = 0x30;
export const SET = 0x31;

class Der {
  constructor(tag, body, raw) {
    this.tag = tag;
    this.body = body;
    this.raw = raw;
  }

  get parts() {
    return derAll(this.body);
  }
}

/** All values one after the other. */
export function derAll(bytes) {
  const found = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at];
    must(at + 1 < bytes.length);
    let length = bytes[at + 1];
    let head = 2;
    if (length > 127) {
      const n = length - 128;
      must(n >= 1 && n <= 4);
      length = 0;
      for (let i = 0; i < n; i++) length = length * 256 + (bytes[at + 2 + i] ?? NaN);
      must(length >= (n === 1 ? 128 : 2 ** (8 * (n - 1))));
      head += n;
    }
    const end = at + head + length;
    must((tag & 31) !== 31 && end <= bytes.length);
    found.push(new Der(tag, bytes.subarray(at + head, end), bytes.subarray(at, end)));
    at = end;
  }
  return found;
}

export function derOne(bytes, tag) {
  const found = derAll(bytes);
  must(found.length === 1);
  return mustHave(found[0], tag);
}

export function mustHave(value, tag) {
  must(value && value.tag === tag);
  return value;
}
