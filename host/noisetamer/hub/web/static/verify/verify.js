// From a file to a report: what the page calls, and the tests.
import { Unusable, fromPem, number, only, startsWith, same, utf8, whole, must } from "./forms.js";
import { isBundle, membersOf } from "./container.js";
import { entryOf, hashesAndCheckpoint, noteOf, proofOf } from "./notes.js";
import { Report } from "./report.js";
import { consistencySpans, included, leafHash, rootFrom, span } from "./tree.js";
import { Verifier } from "./verifier.js";

/** The report on a bundle. root: bytes of root.pub or null; known: [[name, bytes]].
 *  Throws Unusable. */
export async function verify(words, language, file, bytes, root = null, known = []) {
  if (!isBundle(bytes)) throw new Unusable("u_bundle", { file });
  let der = null;
  if (root) {
    try {
      der = only(fromPem(root, "PUBLIC KEY"));
      const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      await crypto.subtle.importKey("spki", der, algorithm, false, ["verify"]);
    } catch {
      throw new Unusable("u_root", { file: "--root" });
    }
  }
  const others = [];
  for (const [name, raw] of known) others.push([name, await knownOf(name, raw)]);
  const report = new Report(words, language);
  await new Verifier(bytes, report).verify(der, others);
  return report;
}

/** {note, nodes that its proofs show, at: when, where its own leaf says so}; a key list as it is. */
async function knownOf(file, bytes) {
  try {
    if (startsWith(bytes, utf8("noisetamer keys/v1\n"))) return bytes;
    if (isBundle(bytes)) return await knownBundle(bytes);
    if (startsWith(bytes, utf8("c2sp.org/"))) {
      return { note: noteOf(proofOf(bytes).checkpoint), nodes: new Map(), at: null };
    }
    if (startsWith(bytes, utf8("old "))) {
      const { rest, hashes, checkpoint } = hashesAndCheckpoint(bytes, "old ");
      const [note, old] = [noteOf(checkpoint), number(rest)];
      must(old > 0 && old < note.size);
      const spans = consistencySpans(old, note.size);
      must(spans.length === hashes.length);
      const nodes = new Map(spans.map(([start, end], i) => [span(start, end), hashes[i]]));
      const root = await rootFrom(nodes, 0, note.size);
      return { note, nodes: root && same(root, note.root) ? nodes : new Map(), at: null };
    }
    return { note: noteOf(bytes), nodes: new Map(), at: null };
  } catch {
    throw new Unusable("u_known", { file });
  }
}

async function knownBundle(bytes) {
  const { members } = membersOf(bytes);
  const proof = proofOf(members.get("evidence.tlog-proof"));
  const note = noteOf(proof.checkpoint);
  const [content, entry] = await entryOf(members.get("bundle.json"));
  const nodes = await included(proof.leaf, note.size, await leafHash(entry), proof.hashes);
  must(same(nodes.get(span(0, note.size)), note.root));
  for (const [name, raw] of members) {
    if (!/^proofs\/[0-9]+\.tlog-proof$/.test(name)) continue;
    const each = proofOf(raw);
    const [, leaf] = await entryOf(members.get(`log/${each.leaf}.json`));
    const more = await included(each.leaf, note.size, await leafHash(leaf), each.hashes);
    if (!same(more.get(span(0, note.size)), note.root)) continue;
    for (const [key, hash] of more) nodes.set(key, hash);
  }
  return { note, nodes, at: whole(content.at) };
}
