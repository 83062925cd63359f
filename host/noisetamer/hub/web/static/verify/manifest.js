// What a bundle says of itself, and which members there may be.
import { N, get, has, must, whole, fromJson } from "./forms.js";
import { NAME } from "./container.js";
import { DATED_FROM } from "./records.js";

const FORMAT = "noisetamer-evidence/v1";
const LONGEST_SPAN = 7 * 86400;
const AFTER = ["evidence.json", "bundle.json", "evidence.tlog-proof", "SHA256SUMS"];
export const ALWAYS = [
  ...AFTER, "report.pdf", "README.txt", "words.csv", "stages.csv", "curve.svg", "coverage.csv",
  "clock.csv", "custody.csv", "chain.csv", "keys/log.pub",
];
// Both, or neither where a hub holds to no root yet.
export const OF_ROOT = ["keys/root.pub", "keys/keys.list"];
const ALLOWED = new RegExp(
  `^(log/${N}\\.json|proofs/${N}\\.tlog-proof|checkpoints/${N}|consistency/${N}`
  + `|stamps/(${N}\\.tsr|authority\\.pem)|policy/[0-9a-f]{12}\\.json|records/[^/]+-${N}\\.bin`
  + "|(seconds|events)/[^/]+\\.csv|calibration/[^/]+\\.json|pictures/.+)$",
);

export const isAllowed = (name) => [...ALWAYS, ...OF_ROOT].includes(name) || ALLOWED.test(name);

/** Whether a member comes after the manifest. */
export function isStarred(name) {
  return AFTER.includes(name) || /^(proofs|consistency|stamps)\//.test(name);
}

export function manifestOf(raw) {
  const found = fromJson(raw);
  const names = ["format", "made", "origin", "from", "until", "utc_offset", "incident", "units"];
  must(has(found, ...names, "claims", "files") && found.format === FORMAT);
  const [since, until, made] = ["from", "until", "made"].map((name) => whole(get(found, name)));
  const { utc_offset: offset, units, files, origin } = found;
  must(DATED_FROM <= since && since < until && until <= Math.min(made, since + LONGEST_SPAN));
  must(Number.isInteger(offset) && Math.abs(offset) <= 86400 && typeof origin === "string");
  must(Array.isArray(units) && files !== null && typeof files === "object" && !Array.isArray(files));
  must(units.length);
  for (const [i, unit] of units.entries()) {
    must(typeof unit === "string" && NAME.test(unit) && !unit.includes("/"));
    must(!i || units[i - 1] < unit);
  }
  return { made, origin, since, until, offset, units, files };
}
