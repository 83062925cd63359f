// RSA (PKCS #1 v1.5), ECDSA and Ed25519, by the browser's own WebCrypto.
import { fromHex, hex, must, startsWith } from "./forms.js";
import { INTEGER, SEQUENCE, derOne } from "./der.js";

// SubjectPublicKeyInfo before the 32 bytes of an Ed25519 key (RFC 8410).
const ED25519 = fromHex("302a300506032b6570032100");
const HASHES = { sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };
const CURVES = {
  "2a8648ce3d030107": ["P-256", 32],
  "2b81040022": ["P-384", 48],
  "2b81040023": ["P-521", 66],
};

export function ed25519Raw(der) {
  must(der.length === 44 && startsWith(der, ED25519));
  return der.subarray(12);
}

/** By a key of this kind: "rsa", "ecdsa" or "ed25519". Whatever goes wrong: it is not. */
export async function isSigned(kind, der, signature, message, hash = "sha256") {
  try {
    if (kind === "ed25519") {
      return await verified("raw", ed25519Raw(der), { name: "Ed25519" }, signature, message);
    }
    if (kind === "rsa") {
      must(algorithmOf(der)[0] === "2a864886f70d010101");
      const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: HASHES[hash] };
      return await verified("spki", der, algorithm, signature, message);
    }
    if (kind === "ecdsa") {
      const [name, curve] = algorithmOf(der);
      must(name === "2a8648ce3d0201" && CURVES[curve]);
      const [namedCurve, length] = CURVES[curve];
      const algorithm = { name: "ECDSA", namedCurve, hash: HASHES[hash] };
      return await verified("spki", der, algorithm, rawEcdsa(signature, length), message);
    }
  } catch {
    return false;
  }
  return false;
}

async function verified(format, der, algorithm, signature, message) {
  const key = await crypto.subtle.importKey(format, der, algorithm, false, ["verify"]);
  return crypto.subtle.verify(algorithm, key, signature, message);
}

/** OIDs of a SubjectPublicKeyInfo: its algorithm, and of what it says besides. */
function algorithmOf(der) {
  const [algorithm] = derOne(der, SEQUENCE).parts;
  return algorithm.parts.map((part) => hex(part.body));
}

/** r and s, each as long as the curve asks. */
function rawEcdsa(signature, length) {
  const parts = derOne(signature, SEQUENCE).parts;
  must(parts.length === 2);
  const made = new Uint8Array(2 * length);
  parts.forEach((part, i) => {
    must(part.tag === INTEGER && part.body.length && part.body[0] < 128);
    const short = part.body[0] === 0 ? part.body.subarray(1) : part.body;
    must(part.body.length === 1 || part.body[0] || part.body[1] > 127);
    must(short.length <= length);
    made.set(short, (i + 1) * length - short.length);
  });
  return made;
}
