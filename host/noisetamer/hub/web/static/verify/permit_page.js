// A permit is verified: it stands behind the # of this page's address, or is pasted, scanned or dropped. Nothing
// leaves the browser.
import { fromHex, hex } from "./forms.js";
import { isSigned } from "./signatures.js";

const PERMIT = "permit+jwt";
const REVOCATIONS = "permit-revocations+jwt";
const given = JSON.parse(document.getElementById("given").textContent);
const words = given.words;
const state = document.getElementById("state");
const found = document.getElementById("found");
const text = document.getElementById("text");
const file = document.getElementById("file");
const lists = [];

async function start() {
  if (!crypto.subtle) return say(words.permit_check_insecure);
  const own = await Promise.all(given.revocations.map(signed));
  if (own.includes(null)) return say(words.permit_check_too_old);
  lists.push(...own);
  text.disabled = file.disabled = false;
  text.addEventListener("input", () => look(text.value));
  file.addEventListener("change", () => take([...file.files]));
  addEventListener("hashchange", () => look(location.hash));
  document.body.dataset.ready = "";
  if (location.hash.length > 1) await look(location.hash);
}

/** Files: a permit, a newer list of revocations, or a picture of a QR code where the browser can read one. */
async function take(files) {
  for (const one of files) {
    let read = one.type.startsWith("image/") ? await scanned(one) : await one.text();
    if (read === null) {
      say(words.permit_check_no_scan);
      continue;
    }
    await look(read);
  }
}

async function scanned(picture) {
  if (!("BarcodeDetector" in window)) return null;
  try {
    const codes = await new BarcodeDetector({ formats: ["qr_code"] }).detect(await createImageBitmap(picture));
    return codes.length ? codes[0].rawValue : null;
  } catch {
    return null;
  }
}

let turn = 0;

async function look(written) {
  const mine = ++turn;
  const word = written.trim().split("#").pop();
  if (!word) {
    found.hidden = true;
    return say("");
  }
  const read = parsed(word);
  if (!read) return wrong(words.permit_check_no_permit);
  const known = given.keys.map(fromHex);
  const one = await signed(word);
  if (mine !== turn) return;
  if (!one) {
    const named = await Promise.all(known.map(kidOf));
    return wrong(named.includes(read.kid) ? words.permit_check_forged : words.permit_check_other_key);
  }
  if (one.kind === REVOCATIONS) {
    lists.push(one);
    return say(fill(words.permit_check_list, { at: time(one.claims.iat), number: one.claims.number }));
  }
  show(one.claims, one.kid);
}

/** What a word says of itself, to the byte; null for what is no document. */
function parsed(word) {
  try {
    const parts = word.split(".");
    if (parts.length !== 3) return null;
    const [header, claims, signature] = [...parts.slice(0, 2).map((part) => json(bytes(part))), bytes(parts[2])];
    if (header.alg !== "EdDSA" || ![PERMIT, REVOCATIONS].includes(header.typ)) return null;
    const message = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    return { kind: header.typ, kid: header.kid, claims, signature, message };
  } catch {
    return null;
  }
}

async function signed(word) {
  const read = parsed(word);
  if (!read) return null;
  for (const key of given.keys.map(fromHex)) {
    if (await isSigned("ed25519", key, read.signature, read.message)) return read;
  }
  return null;
}

/** Base64url without padding, in its one form. */
function bytes(word) {
  const plain = atob(word.replaceAll("-", "+").replaceAll("_", "/"));
  const again = btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  if (again !== word) throw new Error("not the one form");
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function json(data) {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
}

async function kidOf(der) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", der.subarray(12)))).slice(0, 8);
}

/** kid: of the key that signed it; what that key's list does not have, no other list says. */
function show(claims, kid) {
  const today = new Date(Date.now() + 1000 * claims.zone).toISOString().slice(0, 10);
  const list = lists.filter((one) => one.kid === kid).reduce((newest, one) => (isNewer(one, newest) ? one : newest));
  const entry = list.claims.revoked.filter(([number]) => number === claims.jti).pop();
  let look = "green";
  let verdict = words.permit_check_holds;
  if (entry) {
    look = "red";
    verdict = fill(words[`permit_check_${entry[2]}`] ?? words.permit_check_revoked, { at: time(entry[1]) });
  } else if (today > claims.last) {
    look = "red";
    verdict = fill(words.permit_check_over, { day: claims.last });
  } else if (today < claims.first) {
    look = "amber";
    verdict = fill(words.permit_check_early, { day: claims.first });
  }
  const told = document.getElementById("verdict");
  told.textContent = verdict;
  told.dataset.look = look;
  const days = claims.days.map((day) => words[`permit_day_${day}`] ?? day).join(given.and);
  const rows = [
    [words.permit_group, claims.group],
    [words.permit_leader, claims.leader],
    [words.permit_square, claims.square],
    [words.permit_place, claims.place],
    [words.permit_days, days || words.permit_every_day],
    [words.permit_hours, `${claims.from}–${claims.to}`],
    [words.permit_dates, `${claims.first} – ${claims.last}`],
    [words.permit_limit, `${claims.limit / 10} dB`],
    [words.permit_number, claims.jti],
    [words.permit_signed_by, `${claims.iss}, ${time(claims.iat)}`],
  ];
  document.getElementById("facts").replaceChildren(
    ...rows.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", name), element("dd", value)]),
  );
  const asOf = entry ? words.permit_check_by_list : words.permit_check_as_of;
  document.getElementById("as-of").textContent = fill(asOf, {
    at: time(list.claims.iat), number: list.claims.number, age: age(Date.now() / 1000 - list.claims.iat),
  });
  found.hidden = false;
  say(verdict);
  // it stands right below; for whoever hears the page it is said here
  state.className = "visually-hidden";
}

/** By number first: an older list would bring revoked permits back. */
function isNewer(one, other) {
  const [a, b] = [one.claims, other.claims];
  return a.number > b.number || (a.number === b.number && a.iat > b.iat);
}

function age(seconds) {
  const hours = Math.max(0, seconds) / 3600;
  return hours < 48
    ? fill(words.permit_check_hours, { n: Math.floor(hours) })
    : fill(words.permit_check_days, { n: Math.floor(hours / 24) });
}

function wrong(sentence) {
  found.hidden = true;
  say(sentence);
}

function say(sentence) {
  state.className = "";
  state.textContent = sentence;
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

function time(at) {
  const local = new Date(1000 * at);
  const two = (number) => String(number).padStart(2, "0");
  return `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`
    + ` ${two(local.getHours())}:${two(local.getMinutes())}`;
}

function element(name, words) {
  const made = document.createElement(name);
  made.textContent = words;
  return made;
}

start();
