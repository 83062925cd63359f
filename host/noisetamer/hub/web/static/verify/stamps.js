// Time stamps of RFC 3161, with as much of X.509 (RFC 5280) and CMS (RFC 5652) as they need.
import { Wrong, digest, fromHex, hex, moment, must, same, sha256, text } from "./forms.js";
import { BITS, INTEGER, OCTETS, OID, SEQUENCE, SET, derOne, mustHave } from "./der.js";
import { isSigned } from "./signatures.js";

const OIDS = {
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
};
const HASHES = ["sha256", "sha384", "sha512"];

const oid = (value) => OIDS[hex(mustHave(value, OID).body)] ?? "";

/** Its name; parameters may be absent or NULL. */
function algorithm(value) {
  const [name, ...rest] = mustHave(value, SEQUENCE).parts;
  must(!rest.length || (rest.length === 1 && hex(rest[0].raw) === "0500"));
  return oid(name);
}

/** UTCTime or GeneralizedTime in whole seconds, Unix s. */
function derTime(value) {
  let digits = String.fromCharCode(...value.body);
  if (value.tag === 0x17) digits = (digits < "5" ? "20" : "19") + digits;
  else must(value.tag === 0x18);
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.[0-9]*[1-9])?Z$/.exec(digits);
  must(found);
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute, second);
  must(at.toISOString().replace(/[-:T]/g, "").startsWith(digits.slice(0, 14)) && year);
  return at.getTime() / 1000;
}

export class Certificate {
  constructor(raw) {
    this.raw = raw;
    const all = derOne(raw, SEQUENCE).parts;
    must(all.length === 3);
    const [tbs, name, signature] = all;
    this.tbs = tbs.raw;
    this.algorithm = algorithm(name);
    const parts = mustHave(tbs, SEQUENCE).parts;
    must(parts.length >= 7 && hex(parts[0].raw) === "a003020102" && same(parts[2].raw, name.raw));
    this.serial = mustHave(parts[1], INTEGER).raw;
    [this.issuer, this.subject] = [parts[3].raw, parts[5].raw];
    const times = parts[4].parts;
    must(times.length === 2);
    [this.since, this.until] = times.map(derTime);
    this.public = parts[6].raw;
    this.signature = mustHave(signature, BITS).body;
    this.extensions = new Map();
    for (const part of parts.slice(7)) if (part.tag === 0xa3) this.extend(part);
  }

  extend(part) {
    for (const one of derOne(part.body, SEQUENCE).parts) {
      const parts = one.parts;
      must(parts.length >= 2);
      const name = oid(parts[0]);
      // what must be understood and is not (RFC 5280, 4.2)
      must(name || parts.length === 2);
      if (name) this.extensions.set(name, [parts.length > 2, mustHave(parts.at(-1), OCTETS).body]);
    }
  }

  get maySignCertificates() {
    const basic = hex((this.extensions.get("basicConstraints") ?? [false, []])[1]).slice(0, 10);
    const usage = (this.extensions.get("keyUsage") ?? [false, fromHex("03020204")])[1];
    must(usage.length > 3);
    return (basic === "30030101ff" || basic === "30060101ff") && Boolean(usage[3] & 4);
  }

  /** RFC 3161, 2.3: this use alone, and critical. */
  get mayStamp() {
    const [critical, usage] = this.extensions.get("extKeyUsage") ?? [false, null];
    if (!critical) return false;
    const uses = derOne(usage, SEQUENCE).parts.map(oid);
    return uses.length === 1 && uses[0] === "timeStamping";
  }

  /** Its common name, or else its organization's. */
  get name() {
    const found = {};
    for (const each of derOne(this.subject, SEQUENCE).parts) {
      for (const pair of each.parts) {
        const parts = pair.parts;
        must(parts.length === 2);
        found[oid(parts[0])] = text(parts[1].body);
      }
    }
    return found.commonName || found.organizationName || "?";
  }

  async signed(other) {
    if (other.signature[0] !== 0 || !same(other.issuer, this.subject)) return false;
    return verifies(this.public, other.algorithm, "", other.signature.subarray(1), other.tbs);
  }
}

/** name: of a signature algorithm; hash: where the name leaves it open. */
async function verifies(key, name, hash, signature, message) {
  const [kind, ofName] = name.split(" ");
  const used = ofName || hash;
  return Boolean(kind) && HASHES.includes(used) && isSigned(kind, key, signature, message, used);
}

/** {at, chain} of a TimeStampResp on the SHA-256 of `stamped`. Throws Wrong. */
export async function stampOf(raw, stamped, authority) {
  const two = derOne(raw, SEQUENCE).parts;
  must(two.length === 2 && hex(two[0].raw) === "3003020100");
  const outer = mustHave(two[1], SEQUENCE).parts;
  must(outer.length === 2);
  const data = derOne(mustHave(outer[1], 0xa0).body, SEQUENCE).parts;
  must(data.length >= 4);
  const [version, digests, content, ...sets] = data;
  const signer = derOne(mustHave(sets.pop(), SET).body, SEQUENCE).parts;
  const unchecked = new Wrong("w_unchecked", { what: "CMS" });
  if (oid(outer[0]) !== "signedData" || hex(version.raw) !== "020103" || signer.length !== 6) {
    throw unchecked;
  }
  if (sets.length > 1 || (sets.length && sets[0].tag !== 0xa0)) throw unchecked;
  const enclosed = (sets.length ? sets[0].parts : []).map((part) => new Certificate(part.raw));
  const held = mustHave(content, SEQUENCE).parts;
  must(held.length === 2);
  const info = derOne(mustHave(held[1], 0xa0).body, OCTETS).body;
  const [one, sid, hashed, attributes, by, signature] = signer;
  const hash = algorithm(hashed);
  if (oid(held[0]) !== "TSTInfo" || hex(one.raw) !== "020101" || !HASHES.includes(hash)
    || hash !== algorithm(derOne(mustHave(digests, SET).body, SEQUENCE))) throw unchecked;
  const told = attributesOf(mustHave(attributes, 0xa0));
  must(told.has("messageDigest") && told.has("contentType"));
  if (!same(derOne(told.get("messageDigest"), OCTETS).body, await digest(hash, info))) {
    throw new Wrong("w_signature", { what: "TSTInfo", who: "CMS" });
  }
  if (oid(derOne(told.get("contentType"), OID)) !== "TSTInfo") throw unchecked;
  const at = stampedAt(info, await sha256(stamped));
  const name = mustHave(sid, SEQUENCE).parts;
  must(name.length === 2);
  const every = [...enclosed, ...authority];
  const mine = every.find((c) => same(c.issuer, name[0].raw) && same(c.serial, name[1].raw));
  if (!mine || !(await names(told, mine))) throw new Wrong("w_certificate");
  const signed = Uint8Array.from(attributes.raw);
  signed[0] = SET;
  const blob = mustHave(signature, OCTETS).body;
  if (!(await verifies(mine.public, algorithm(by), hash, blob, signed))) {
    throw new Wrong("w_signature", { what: "CMS", who: mine.name });
  }
  if (!mine.mayStamp) throw new Wrong("w_usage");
  const chain = await chainOf(mine, every, authority[0]);
  for (const each of chain) {
    if (at < each.since || at > each.until) throw new Wrong("w_validity", { at: moment(at) });
  }
  if (every.some((c) => !chain.some((used) => same(used.raw, c.raw)))) throw unchecked;
  // each once, in DER's order (X.690, 11.6)
  const order = enclosed.map((c) => hex(c.raw));
  if (order.some((one, i) => i && one <= order[i - 1])) throw unchecked;
  return { at, chain };
}

function attributesOf(attributes) {
  const found = new Map();
  for (const one of attributes.parts) {
    const parts = one.parts;
    must(parts.length === 2);
    const name = oid(parts[0]);
    must(!found.has(name));
    if (name) found.set(name, mustHave(parts[1], SET).body);
  }
  return found;
}

/** The time that TSTInfo tells. Throws Wrong where it is on something else. */
function stampedAt(info, expected) {
  const parts = derOne(info, SEQUENCE).parts;
  must(parts.length >= 5);
  const imprint = parts[2].parts;
  must(imprint.length === 2);
  const right = hex(parts[0].raw) === "020101" && algorithm(imprint[0]) === "sha256";
  if (!right || !same(imprint[1].body, expected)) throw new Wrong("w_imprint");
  return derTime(parts[4]);
}

/** Whether the signed attributes name this certificate (RFC 5035: ESSCertID, ESSCertIDv2). */
async function names(told, certificate) {
  let found = false;
  for (const [name, usual] of [["signingCertificate", "sha1"], ["signingCertificateV2", "sha256"]]) {
    if (!told.has(name)) continue;
    const first = derOne(told.get(name), SEQUENCE).parts[0].parts[0].parts;
    const hash = first[0].tag === SEQUENCE ? algorithm(first.shift()) : usual;
    if (!same(first[0].body, await digest(hash, certificate.raw))) return false;
    found = true;
  }
  return found;
}

async function chainOf(mine, every, last) {
  const chain = [mine];
  while (!same(chain.at(-1).raw, last.raw)) {
    let above = null;
    for (const one of every) {
      if (!above && !same(one.raw, chain.at(-1).raw) && (await one.signed(chain.at(-1)))) above = one;
    }
    if (!above || !above.maySignCertificates || chain.length > 8) throw new Wrong("w_stamp_chain");
    chain.push(above);
  }
  if (!(await last.signed(last))) throw new Wrong("w_stamp_chain");
  return chain;
}
