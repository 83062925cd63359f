// Merkle trees of RFC 6962, section 2.1. Nodes: Map of "start-end" to the hash over those leaves.
import { joined, must, same, sha256 } from "./forms.js";

export const leafHash = (entry) => sha256(joined([Uint8Array.of(0), entry]));
const nodeHash = (left, right) => sha256(joined([Uint8Array.of(1), left, right]));
export const span = (start, end) => `${start}-${end}`;

/** Where a tree is parted: the largest power of two below its size. */
function middleOf(start, end) {
  let k = 1;
  while (2 * k < end - start) k *= 2;
  return start + k;
}

function inclusionSpans(index, size) {
  const spans = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = middleOf(start, end);
    if (index < middle) {
      spans.push([middle, end]);
      end = middle;
    } else {
      spans.push([start, middle]);
      start = middle;
    }
  }
  return spans.reverse();
}

export function consistencySpans(old, size) {
  const spans = [];
  let [start, end] = [0, size];
  while (old !== end) {
    const middle = middleOf(start, end);
    if (old <= middle) {
      spans.push([middle, end]);
      end = middle;
    } else {
      spans.push([start, middle]);
      start = middle;
    }
  }
  if (start) spans.push([start, end]);
  return spans.reverse();
}

/** All nodes that a proof of inclusion shows, the root too. */
export async function included(index, size, leaf, proof) {
  must(index < size);
  const spans = inclusionSpans(index, size);
  must(spans.length === proof.length);
  let [start, end, found] = [index, index + 1, leaf];
  const nodes = new Map([[span(start, end), found]]);
  for (const [i, [from, until]] of spans.entries()) {
    nodes.set(span(from, until), proof[i]);
    if (from < start) {
      start = from;
      found = await nodeHash(proof[i], found);
    } else {
      end = until;
      found = await nodeHash(found, proof[i]);
    }
    nodes.set(span(start, end), found);
  }
  return nodes;
}

/** The hash over these leaves, as far as nodes allow; else null. */
export async function rootFrom(nodes, start, end) {
  const there = nodes.get(span(start, end));
  if (there || end - start === 1) return there ?? null;
  const middle = middleOf(start, end);
  const left = await rootFrom(nodes, start, middle);
  const right = left && (await rootFrom(nodes, middle, end));
  return left && right ? nodeHash(left, right) : null;
}

/** Whether the proof shows that the tree of `size` leaves begins with that of `old`. */
export async function consistent(old, oldRoot, size, root, proof) {
  if (!(old > 0 && old < size)) return !proof.length && old === size && same(oldRoot, root);
  const spans = consistencySpans(old, size);
  if (spans.length !== proof.length) return false;
  const nodes = new Map(spans.map(([start, end], i) => [span(start, end), proof[i]]));
  if (Number.isInteger(Math.log2(old))) nodes.set(span(0, old), oldRoot);
  const [first, all] = [await rootFrom(nodes, 0, old), await rootFrom(nodes, 0, size)];
  return Boolean(first && all) && same(first, oldRoot) && same(all, root);
}

/** Whether a subtree has 2**n leaves, and will never be another. */
export function isComplete(start, end) {
  return Number.isInteger(Math.log2(end - start)) && start % (end - start) === 0;
}
