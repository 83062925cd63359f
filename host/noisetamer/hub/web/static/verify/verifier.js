// One bundle, claim by claim: as verify_evidence.py does, in the same order and the same words.
import {
  After, Wrong, byKeys, dateTime, fingerprint, fromJson, fromPem, get, hex, isNumber, joined,
  moment, number, ofDay, only, same, sha256, two, utf8, whole,
} from "./forms.js";
import { checkContainer, membersOf } from "./container.js";
import { ALWAYS, OF_ROOT, isAllowed, isStarred, manifestOf } from "./manifest.js";
import {
  cosignature, entryOf, findKey, hashesAndCheckpoint, isSignedByLog, keyListOf, mustHold, noteOf,
  proofOf,
} from "./notes.js";
import {
  NOT_RECEIVED, cell, counts, csvOf, dated, decibels, fromCsv, mustBe, rawRecords, reasonOf,
  recordOf,
} from "./records.js";
import { ABSENT, FALSE, PROVEN } from "./report.js";
import { ed25519Raw } from "./signatures.js";
import { Certificate, stampOf } from "./stamps.js";
import { consistent, included, isComplete, leafHash, rootFrom, span } from "./tree.js";

const SECONDS = "t,local,LAeq,LAFmax,LCeq,LCpeak,flags,reason";
const EVENTS = "t,UTC,local,boot,sequence,kind,told";
const STAGES = "t,UTC,local,unit,boot,sequence,from,to,limit,level,policy";
const SAID = "t,UTC,local,unit,boot,sequence,kind,message,number,stage,volume,effective,after,failed";
const COVERAGE = "unit,from,UTC,local,until,seconds,reason";
const CLOCK = "unit,boot,sequence,boot_at,UTC,local,source,step,drift";
const CHAIN = "at,UTC,local,unit,boot,sequence,kind,detail";

/** What a check needs; throws After where it is false or not there. */
function need(value) {
  if (!value || value.size === 0) throw new After();
  return value;
}

const OF_NAME = byKeys((e) => e.unit, (e) => e.boot, (e) => e.sequence);
const OF_TIME = byKeys((e) => e.t, (e) => e.unit, (e) => e.boot, (e) => e.sequence);

export class Verifier {
  constructor(bytes, report) {
    this.bytes = bytes;
    this.report = report;
    this.members = new Map();
    this.hashes = new Map();
    this.manifest = null;
    this.root = null;
    this.rootless = false;
    this.keys = null;
    this.log = null;
    this.note = null;
    this.at = null;
    this.nodes = new Map();
    this.contents = new Map();
    this.earlier = new Map();
    this.seconds = new Map();
    this.events = [];
    this.witnesses = [];
    this.stampers = [];
    this.seen = [];
  }

  member(name) {
    if (!this.members.has(name)) throw new Wrong("w_missing", { what: name });
    return this.members.get(name);
  }

  async hashOf(name) {
    if (!this.hashes.has(name)) this.hashes.set(name, hex(await sha256(this.members.get(name))));
    return this.hashes.get(name);
  }

  /** The numbers that members of a folder are called by. */
  numbered(folder, ending) {
    const found = [];
    for (const name of this.members.keys()) {
      if (!name.startsWith(folder) || !name.endsWith(ending)) continue;
      const digits = name.slice(folder.length, name.length - ending.length);
      if (isNumber(digits)) found.push(Number(digits));
    }
    return found.sort((a, b) => a - b);
  }

  /** root: DER or null; known: [[name, what was handed in besides]]. */
  async verify(root, known) {
    const claim = (...all) => this.report.claim(...all);
    await claim("container", () => this.checkContainer());
    await claim("sums", () => this.checkSums());
    await claim("files", () => this.checkFiles());
    await claim("root", () => this.checkRoot(root));
    await claim("keys", () => this.checkKeys());
    await claim("manifest", () => this.checkManifest());
    await this.checkWitnesses();
    await this.checkEarlier();
    await this.checkStamps();
    await claim("log_key", () => this.checkLogKey());
    await claim("contents", () => this.checkContents());
    const units = this.manifest ? this.manifest.units : [];
    for (const unit of units) {
      await claim("records", () => this.checkRecords(unit), { unit });
      await claim("seconds", () => this.checkSeconds(unit), { unit });
      await claim("events", () => this.checkEvents(unit), { unit });
    }
    await claim("stages", () => this.checkTable("stages.csv", STAGES, ["stage"]));
    await claim("words", () => this.checkTable("words.csv", SAID, ["warning", "spoken", "outcome"]));
    await claim("coverage", () => this.checkCoverage());
    await claim("clock", () => this.checkClock());
    await this.checkPolicies();
    for (const unit of units) await claim("chain", () => this.checkChain(unit), { unit });
    for (const [file, each] of known) {
      await claim("known", () => this.checkKnown(file, each), { file });
    }
    await this.conclude();
  }

  checkContainer() {
    const { members, end } = membersOf(this.bytes);
    this.members = members;
    return checkContainer(this.bytes, members, end);
  }

  async checkSums() {
    need(this.members);
    const told = new TextDecoder("latin1").decode(this.member("SHA256SUMS")).split("\n");
    const names = [...this.members.keys()].filter((name) => name !== "SHA256SUMS").sort();
    for (const [i, name] of names.entries()) {
      if (i >= told.length) break;
      if (told[i] !== `${await this.hashOf(name)}  ${name}`) {
        throw new Wrong("w_hash", { what: name });
      }
    }
    if (told.length !== this.members.size || told.at(-1)) {
      throw new Wrong("w_form", { what: "SHA256SUMS" });
    }
    return {};
  }

  async checkFiles() {
    const members = need(this.members);
    const raw = this.member("evidence.json");
    try {
      this.manifest = manifestOf(raw);
    } catch {
      throw new Wrong("w_form", { what: "evidence.json" });
    }
    const { units, files } = this.manifest;
    const tables = units.flatMap((unit) => [`events/${unit}.csv`, `seconds/${unit}.csv`]);
    const held = Object.keys(files).sort();
    for (const name of [...ALWAYS, ...tables, ...held]) this.member(name);
    for (const name of [...members.keys()].sort()) {
      const strange = /^(events|seconds)\//.test(name) && !tables.includes(name);
      if (!isAllowed(name) || strange || Object.hasOwn(files, name) === isStarred(name)) {
        throw new Wrong("w_stranger", { what: name });
      }
    }
    for (const name of held) {
      const [told, data] = [files[name], members.get(name)];
      const right = told !== null && typeof told === "object" && Object.keys(told).length === 2
        && told.size === data.length && told.sha256 === (await this.hashOf(name));
      if (!right) throw new Wrong("w_hash", { what: name });
    }
    this.inPairs(["proofs/", ".tlog-proof"], ["log/", ".json"]);
    this.inPairs(["consistency/", ""], ["checkpoints/", ""]);
    if (members.has("stamps/authority.pem") !== this.numbered("stamps/", ".tsr").length > 0) {
      throw new Wrong("w_stranger", { what: "stamps/authority.pem" });
    }
    return { n: held.length };
  }

  inPairs(one, other) {
    for (const [form, there] of [[one, other], [other, one]]) {
      for (const n of this.numbered(...form)) this.member(`${there[0]}${n}${there[1]}`);
    }
  }

  async checkRoot(given) {
    need(this.members);
    if (!given && !OF_ROOT.some((name) => this.members.has(name))) {
      this.rootless = true;
      const log = only(fromPem(this.member("keys/log.pub"), "PUBLIC KEY"));
      this.report.add(ABSENT, "root--", { fingerprint: await fingerprint(log) });
      return null;
    }
    const raw = this.member("keys/root.pub");
    try {
      this.root = only(fromPem(raw, "PUBLIC KEY"));
    } catch {
      throw new Wrong("w_form", { what: "keys/root.pub" });
    }
    const print = await fingerprint(this.root);
    if (!given) {
      this.report.add(ABSENT, "root-", { fingerprint: print });
      return null;
    }
    if (!same(given, this.root)) throw new Wrong("w_root", { fingerprint: print });
    return { fingerprint: print };
  }

  async checkKeys() {
    if (this.rootless) throw new After();
    const raw = this.member("keys/keys.list");
    this.keys = await keyListOf(raw, need(this.root));
    const { number: n, issued, keys } = this.keys;
    return { number: n, issued: moment(issued), n: keys.length };
  }

  async checkManifest() {
    const manifest = need(this.manifest);
    const log = only(fromPem(this.member("keys/log.pub"), "PUBLIC KEY"));
    ed25519Raw(log);
    const [found, entry] = await entryOf(this.member("bundle.json"));
    if (found.kind !== "bundle") throw new Wrong("w_form", { what: "bundle.json" });
    const told = get(found, "manifest");
    if (told !== (await this.hashOf("evidence.json"))) throw new Wrong("w_manifest");
    if (found.at < manifest.made) throw new Wrong("w_made");
    const proof = proofOf(this.member("evidence.tlog-proof"));
    const note = noteOf(proof.checkpoint);
    if (note.origin !== manifest.origin || !(await isSignedByLog(note, log))) {
      throw new Wrong("w_signature", { what: "evidence.tlog-proof", who: manifest.origin });
    }
    [this.note, this.log] = [note, log];
    const nodes = await included(proof.leaf, note.size, await leafHash(entry), proof.hashes);
    if (!same(nodes.get(span(0, note.size)), note.root)) {
      throw new Wrong("w_leaf", { index: proof.leaf });
    }
    for (const [key, hash] of nodes) this.nodes.set(key, hash);
    this.at = found.at;
    const about = { origin: note.origin, index: proof.leaf, size: note.size };
    return { ...about, at: moment(found.at) };
  }

  checkLogKey() {
    const [keys, log, at] = [need(this.keys), need(this.log), need(this.at)];
    const key = findKey(keys, "log", log);
    if (!key) throw new Wrong("w_unlisted", { name: "keys/log.pub" });
    mustHold(key, at, !this.wasSeen(key));
    return { name: key.name };
  }

  /** Whether another saw the log before its key was revoked: who stole it may date back. */
  wasSeen(key) {
    const when = this.seen.filter(([other]) => other.revoked === null);
    return key.revoked !== null && when.some(([, at]) => at < key.revoked);
  }

  async checkWitnesses() {
    const note = this.note;
    if (!note || note.signatures.length < 2) {
      this.report.add(ABSENT, "cosigned-");
      return;
    }
    let before = "";
    for (const [name, blob] of note.signatures.slice(1)) {
      const last = before;
      await this.report.claim(
        "cosigned",
        async () => {
          if (name <= last) throw new Wrong("w_twice", { what: name });
          const [at, who] = await cosignature(note, name, blob, need(this.keys));
          // the name in its line is not signed: one witness must not pass for two
          if (this.seen.some(([key]) => key === who)) throw new Wrong("w_twice", { what: who.name });
          this.seen.push([who, at]);
          this.witnesses.push(who.name);
          return { who: who.name, at: moment(at), size: note.size, age: at - need(this.at) };
        },
        { name },
      );
      before = name;
    }
  }

  async checkEarlier() {
    for (const size of this.numbered("checkpoints/", "")) {
      await this.report.claim("earlier", () => this.checkEarlierOne(size), { size });
    }
  }

  async checkEarlierOne(size) {
    const [final, log] = [need(this.note), need(this.log)];
    const note = noteOf(this.member(`checkpoints/${size}`));
    const consistency = `consistency/${size}`;
    const { rest, hashes, checkpoint } = hashesAndCheckpoint(this.member(consistency), "old ");
    if (note.size !== size || number(rest) !== size) {
      throw new Wrong("w_form", { what: consistency });
    }
    if (note.origin !== final.origin || !(await isSignedByLog(note, log))) {
      throw new Wrong("w_signature", { what: `checkpoints/${size}`, who: final.origin });
    }
    if (!same(checkpoint, this.finalCheckpoint())) {
      throw new Wrong("w_checkpoint", { what: consistency });
    }
    if (!(await consistent(size, note.root, final.size, final.root, hashes))) {
      throw new Wrong("w_consistency");
    }
    const names = note.signatures.slice(1).map(([name]) => name);
    if (names.some((name, i) => i && name <= names[i - 1])) {
      throw new Wrong("w_twice", { what: names[0] });
    }
    const keys = this.listed();
    const by = [];
    for (const [name, blob] of note.signatures.slice(1)) {
      by.push((await cosignature(note, name, blob, keys))[1]);
    }
    if (new Set(by).size < by.length) throw new Wrong("w_twice", { what: by[0].name });
    this.earlier.set(size, note);
    return {};
  }

  /** The list of keys, an empty one where there is no root. */
  listed() {
    return this.rootless ? { number: 0, issued: 0, keys: [] } : need(this.keys);
  }

  finalCheckpoint() {
    return proofOf(this.member("evidence.tlog-proof")).checkpoint;
  }

  async checkStamps() {
    const sizes = this.numbered("stamps/", ".tsr");
    if (!sizes.length) this.report.add(ABSENT, "stamp-");
    for (const size of sizes) {
      await this.report.claim("stamp", () => this.checkStamp(size), { size });
    }
    // they are here because they were stamped: whoever took a stamp out cannot hide that
    for (const size of this.numbered("checkpoints/", "")) {
      if (!sizes.includes(size)) this.report.add(ABSENT, "stampless", { size });
    }
  }

  async checkStamp(size) {
    const [final, keys] = [need(this.note), this.listed()];
    const note = size === final.size ? final : this.earlier.get(size);
    if (!note) throw new Wrong("w_imprint");
    const ders = fromPem(this.member("stamps/authority.pem"), "CERTIFICATE");
    const authority = ders.map((der) => new Certificate(der));
    const stamp = await stampOf(this.member(`stamps/${size}.tsr`), note.text, authority);
    const key = stamp.chain.map((one) => findKey(keys, "tsa", one.public)).find(Boolean);
    const [name, at] = [stamp.chain[0].name, moment(stamp.at)];
    if (!key) {
      const print = await fingerprint(authority[0].public);
      this.report.add(ABSENT, "stamp?", { name, at, fingerprint: print });
      return null;
    }
    mustHold(key, stamp.at);
    if (size === final.size) this.seen.push([key, stamp.at]);
    if (!this.stampers.includes(name)) this.stampers.push(name);
    const indexes = this.numbered("log/", ".json");
    return { name, at, within: indexes.filter((n) => n < size).length, of: indexes.length };
  }

  async checkContents() {
    const final = need(this.note);
    need(this.manifest);
    const last = this.finalCheckpoint();
    const contents = new Map();
    for (const index of this.numbered("log/", ".json")) {
      const what = `proofs/${index}.tlog-proof`;
      const [raw, proven] = [this.member(`log/${index}.json`), this.member(what)];
      let content, entry, proof;
      try {
        [content, entry] = await entryOf(raw);
        proof = proofOf(proven);
      } catch {
        throw new Wrong("w_form", { what });
      }
      if (!same(proof.checkpoint, last)) throw new Wrong("w_checkpoint", { what });
      const leaf = await leafHash(entry);
      let nodes = null;
      try {
        nodes = await included(index, final.size, leaf, proof.hashes);
      } catch {
        throw new Wrong("w_leaf", { index });
      }
      if (proof.leaf !== index || !same(nodes.get(span(0, final.size)), final.root)) {
        throw new Wrong("w_leaf", { index });
      }
      for (const [key, hash] of nodes) this.nodes.set(key, hash);
      contents.set(index, content);
    }
    if (!contents.size) throw new Wrong("w_missing", { what: "log/" });
    this.contents = contents;
    return { kinds: this.report.counted([...contents.values()].map((one) => one.kind)) };
  }

  async checkRecords(unit) {
    const manifest = need(this.manifest);
    need(this.contents);
    const batches = [];
    for (const [index, c] of this.contents) {
      if (c.kind !== "batch" || get(c, "unit") !== unit) continue;
      const [boot, first, last] = ["boot", "first", "last"].map((name) => whole(get(c, name)));
      batches.push({ boot, first, last, index, content: c });
    }
    const files = [...this.members.keys()].sort().map((name) => /^records\/(.+)-([0-9]+)\.bin$/.exec(name));
    const stranger = files.find((m) => m && !manifest.units.includes(m[1]));
    if (stranger) throw new Wrong("w_stranger", { what: stranger[0] });
    const boots = files.filter((m) => m && m[1] === unit).map((m) => Number(m[2]));
    boots.sort((a, b) => a - b);
    for (const { boot } of batches) this.member(`records/${unit}-${boot}.bin`);
    const seconds = new Map();
    const events = [];
    let [n, gone] = [0, 0];
    for (const boot of boots) {
      const member = `records/${unit}-${boot}.bin`;
      const raw = rawRecords(member, this.member(member));
      const mine = batches.filter((batch) => batch.boot === boot);
      mine.sort(byKeys((b) => b.first, (b) => b.last, (b) => b.index));
      gone += await this.inBatches(member, raw, mine);
      const records = raw.map(([sequence, bytes]) => {
        try {
          return recordOf(bytes, boot, sequence);
        } catch {
          throw new Wrong("w_record", { what: member, n: sequence });
        }
      });
      n += records.length;
      for (const [t, record] of dated(records)) this.place(unit, boot, t, record, seconds, events);
    }
    this.seconds.set(unit, seconds);
    this.events = this.events.concat(events);
    if (!boots.length) {
      this.report.add(ABSENT, "records-", { unit });
      return null;
    }
    return { n, batches: batches.length, gone };
  }

  /** How many numbers between the records of one boot have none. */
  async inBatches(member, raw, batches) {
    let [at, before] = [0, null];
    for (const { first, last, index, content } of batches) {
      if (before !== null && first <= before) throw new Wrong("w_two_batches", { index });
      if (at < raw.length && raw[at][0] < first) {
        throw new Wrong("w_no_batch", { what: member, n: raw[at][0] });
      }
      const mine = [];
      while (at < raw.length && raw[at][0] <= last) mine.push(raw[at++]);
      const parts = mine.flatMap(([, bytes]) => [
        Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes,
      ]);
      const right = hex(await sha256(joined(parts)));
      const ends = mine.length && mine[0][0] === first && mine.at(-1)[0] === last;
      if (!ends || get(content, "records") !== right || get(content, "count") !== mine.length) {
        throw new Wrong("w_batch", { what: member, index });
      }
      before = last;
    }
    if (at < raw.length) throw new Wrong("w_no_batch", { what: member, n: raw[at][0] });
    return raw.length ? raw.at(-1)[0] - raw[0][0] + 1 - raw.length : 0;
  }

  place(unit, boot, t, record, seconds, events) {
    const { since, until } = this.manifest;
    if (record.kind || !record.seconds.length) {
      const { sequence, kind, fields, told } = record;
      events.push({ t, unit, boot, sequence, kind, fields, told });
      return;
    }
    if (t === null) return;
    for (const [i, second] of record.seconds.entries()) {
      const at = t + i;
      if (at < since || at >= until) continue;
      const there = seconds.get(at);
      if (!there || counts(second, there)) seconds.set(at, second);
    }
  }

  /** UTC and local. */
  when(t) {
    return [`${dateTime(t, "T")}Z`, dateTime(t + this.manifest.offset, " ")];
  }

  /** '2026-11-28 19:00:00 UTC+08:00'. */
  local(t) {
    const minutes = Math.floor(this.manifest.offset / 60);
    const hours = `${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
    return `${this.when(t)[1]} UTC${minutes < 0 ? "-" : "+"}${hours}`;
  }

  checkSeconds(unit) {
    const { since, until, offset } = need(this.manifest);
    if (!this.seconds.has(unit)) throw new After();
    const seconds = this.seconds.get(unit);
    const lines = [`\ufeff${SECONDS}`];
    let valid = 0;
    for (let t = since; t < until; t++) {
      const when = `${t},${ofDay(t + offset)}`;
      const second = seconds.get(t);
      if (!second) {
        lines.push(`${when},,,,,,${NOT_RECEIVED}`);
        continue;
      }
      const isValid = (second[4] & 15) === 0;
      const told = second.slice(0, 4).map(decibels).join(",");
      lines.push(`${when},${told},${second[4]},${isValid ? "" : reasonOf(second)}`);
      valid += isValid ? 1 : 0;
    }
    const member = `seconds/${unit}.csv`;
    mustBe(member, this.member(member), utf8(`${lines.join("\n")}\n`));
    const n = until - since;
    return { n, valid, lost: n - seconds.size };
  }

  isWithin(event) {
    const { since, until } = this.manifest;
    return event.t !== null && since <= event.t && event.t < until;
  }

  /** Events of the span, in order. Throws After where a unit's are not known. */
  within() {
    const manifest = need(this.manifest);
    if (this.seconds.size < manifest.units.length) throw new After();
    return this.events.filter((event) => this.isWithin(event)).sort(OF_TIME);
  }

  checkEvents(unit) {
    need(this.manifest);
    if (!this.seconds.has(unit)) throw new After();
    const mine = this.events.filter((event) => event.unit === unit && this.isWithin(event));
    const rows = mine
      .sort(OF_TIME)
      .map((e) => [e.t, ...this.when(e.t), e.boot, e.sequence, e.kind, e.told]);
    const member = `events/${unit}.csv`;
    mustBe(member, this.member(member), csvOf(EVENTS, rows));
    return { n: rows.length };
  }

  checkTable(member, columns, kinds) {
    const names = columns.split(",").slice(6);
    const rows = this.within()
      .filter((event) => kinds.includes(event.kind))
      .map((e) => [
        e.t, ...this.when(e.t), e.unit, e.boot, e.sequence,
        ...names.map((name) => (name === "kind" ? e.kind : cell(e.fields, name))),
      ]);
    mustBe(member, this.member(member), csvOf(columns, rows));
    return { n: rows.length };
  }

  checkCoverage() {
    const { units, since, until } = need(this.manifest);
    const rows = [];
    for (const unit of units) {
      if (!this.seconds.has(unit)) throw new After();
      const seconds = this.seconds.get(unit);
      let [begun, why] = [since, "valid"];
      for (let t = since; t <= until; t++) {
        const now = t < until ? reasonOf(seconds.get(t)) : "";
        if (now === why) continue;
        if (why !== "valid") rows.push([unit, begun, ...this.when(begun), t, t - begun, why]);
        [begun, why] = [t, now];
      }
    }
    mustBe("coverage.csv", this.member("coverage.csv"), csvOf(COVERAGE, rows));
    return { n: rows.length };
  }

  checkClock() {
    this.within();
    const rows = this.events
      .filter((event) => event.kind === "clock")
      .sort(OF_NAME)
      .map((e) => [
        e.unit, e.boot, e.sequence, e.fields.boot_at, ...this.when(whole(e.fields.boot_at)),
        ...["source", "step", "drift"].map((name) => cell(e.fields, name)),
      ]);
    mustBe("clock.csv", this.member("clock.csv"), csvOf(CLOCK, rows));
    return { n: rows.length };
  }

  /** Those that are here, and those that an event of the span names. */
  async checkPolicies() {
    let events = [];
    try {
      events = this.within();
    } catch {
      // said where the events are looked at
    }
    const there = new Set(
      [...this.members.keys()].filter((n) => n.startsWith("policy/")).map((n) => n.slice(7, -5)),
    );
    const wanted = new Set(there);
    for (const { fields } of events) {
      const name = Object.hasOwn(fields, "policy") ? fields.policy : null;
      if (typeof name === "string" && /^[0-9a-f]{12}$/.test(name)) wanted.add(name);
    }
    for (const name of [...wanted].sort()) {
      if (!there.has(name)) {
        this.report.add(ABSENT, "policy-", { name });
        continue;
      }
      await this.report.claim("policy", () => this.checkPolicy(name), { name });
    }
  }

  async checkPolicy(name) {
    const what = `policy/${name}.json`;
    const raw = this.member(what);
    fromJson(raw);
    if (!hex(await sha256(raw)).startsWith(name)) throw new Wrong("w_hash", { what });
    return {};
  }

  checkChain(unit) {
    need(this.contents);
    const raw = this.member("chain.csv");
    let heading, rows;
    try {
      [heading, ...rows] = fromCsv(raw);
    } catch {
      throw new Wrong("w_form", { what: "chain.csv" });
    }
    if (heading.join(",") !== CHAIN || rows.some((row) => row.length !== 8)) {
      throw new Wrong("w_form", { what: "chain.csv" });
    }
    const kinds = rows.filter((row) => row[3] === unit).map((row) => row[6]);
    const found = new Set(kinds);
    for (const [index, content] of this.contents) {
      if (content.kind !== "batch" || get(content, "unit") !== unit) continue;
      const kind = get(content, "chain");
      if (kind !== "whole" && !found.has(kind)) throw new Wrong("w_untold", { index, kind });
    }
    const told = this.report.counted(kinds);
    if (kinds.some((kind) => ["break", "fork", "revoked"].includes(kind))) {
      throw new Wrong("w_found", { kinds: told });
    }
    if (kinds.length && kinds.every((kind) => kind === "none")) {
      this.report.add(ABSENT, "chain0", { unit });
      return null;
    }
    if (kinds.some((kind) => kind !== "rekeyed")) {
      this.report.add(ABSENT, "chain-", { unit, kinds: told });
      return null;
    }
    return {};
  }

  /** Whether a newer list revokes what was used here. */
  async checkKeyList(file, raw) {
    const mine = need(this.keys);
    const newer = await keyListOf(raw, need(this.root));
    const enclosed = this.member("keys/keys.list");
    if (newer.number === mine.number && !same(raw, enclosed)) {
      throw new Wrong("w_two_lists", { number: mine.number });
    }
    if (newer.number <= mine.number) {
      this.report.add(ABSENT, "known_old_keys", { file, number: newer.number });
      return null;
    }
    const log = findKey(newer, "log", need(this.log));
    const seen = this.seen.map(([key, at]) => [findKey(newer, key.role, key.der), at]);
    if (!log || seen.some(([key]) => !key)) throw new Wrong("w_unlisted", { name: "keys/log.pub" });
    this.seen = seen;
    mustHold(log, need(this.at), !this.wasSeen(log));
    for (const [key, at] of seen) mustHold(key, at);
    this.report.add(PROVEN, "known_keys", { file, number: newer.number });
    return null;
  }

  /** Whether what somebody has from before is of the same log, and of the same history. */
  async checkKnown(file, known) {
    if (known instanceof Uint8Array) return this.checkKeyList(file, known);
    const [note, log] = [need(this.note), need(this.log)];
    const other = known.note;
    if (other.origin !== note.origin) {
      this.report.add(ABSENT, "known_other", { file, origin: other.origin });
      return null;
    }
    if (!(await isSignedByLog(other, log))) throw new Wrong("w_other_key");
    const [old, size] = [other.size, note.size].sort((a, b) => a - b);
    const split = new Wrong("w_split", { old, new: size });
    if (old === size) {
      if (!same(other.root, note.root)) throw split;
      this.report.add(PROVEN, "known_same", { file, size: old });
      return null;
    }
    const small = other.size === old ? other : note;
    const mine = new Map(this.nodes);
    for (const [n, earlier] of this.earlier) mine.set(span(0, n), earlier.root);
    for (const [key, hash] of known.nodes) {
      const [start, end] = key.split("-").map(Number);
      const shared = end <= old && mine.has(key) && isComplete(start, end);
      if (shared && !same(mine.get(key), hash)) throw split;
    }
    const derived = await rootFrom(small === other ? mine : known.nodes, 0, old);
    if (derived && !same(derived, small.root)) throw split;
    const at = known.at ?? (await this.cosignedAt(other));
    const mineAt = need(this.at);
    if (other.size > note.size && at !== null && at < mineAt) {
      const times = { at_old: moment(at), at_new: moment(mineAt) };
      throw new Wrong("w_rollback", { old: other.size, new: note.size, ...times });
    }
    if (derived) this.report.add(PROVEN, "known_prefix", { file, old, new: size });
    else this.report.add(ABSENT, "known_open", { file, old, new: size });
    return null;
  }

  /** When a witness of our list saw a checkpoint. */
  async cosignedAt(note) {
    const found = [];
    for (const [name, blob] of note.signatures.slice(1)) {
      try {
        found.push((await cosignature(note, name, blob, need(this.keys)))[0]);
      } catch {
        // it counts for nothing
      }
    }
    return found.length ? Math.min(...found) : null;
  }

  async conclude() {
    const { report, manifest, note, at, root, log } = this;
    const wrong = report.lines.filter((line) => line.state === FALSE).length;
    if (wrong || !(manifest && note && at && log)) {
      report.end = [report.say("end_1", { n: wrong }), report.say("end_1_not")];
      return;
    }
    const others = [
      ...this.witnesses.map((name) => report.say("end_witness", { name })),
      ...this.stampers.map((name) => report.say("end_stamp", { name })),
    ].join("");
    // what the log says of the time is its own word: another's counts where there is one
    const since = this.seen.length ? Math.min(...this.seen.map(([, when]) => when)) : at;
    const units = report.joined(manifest.units);
    const about = { origin: note.origin, at: moment(since), others, units };
    const span_ = { since: this.local(manifest.since), until: this.local(manifest.until) };
    const print = await fingerprint(root ?? log);
    const by = report.say(root ? "end_root" : "end_rootless", { fingerprint: print });
    report.end = [
      report.say("end_0", { ...about, ...span_, by }),
      report.say("end_not"),
    ];
  }
}

