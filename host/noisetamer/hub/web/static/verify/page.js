// The page: a file is chosen or dropped, and what was found is shown. Nothing leaves the browser.
import { Unusable, fromHex } from "./forms.js";
import { isSigned } from "./signatures.js";
import { ABSENT, FALSE, PROVEN, Report } from "./report.js";
import { verify } from "./verify.js";

const { words, page, language } = JSON.parse(document.getElementById("words").textContent);
const signs = { [PROVEN]: "green", [FALSE]: "red", [ABSENT]: "unknown" };
const inputs = Object.fromEntries(
  ["bundle", "root", "known"].map((id) => [id, document.getElementById(id)]),
);
const files = { bundle: null, root: null, known: [] };
const found = document.getElementById("found");
const state = document.getElementById("state");
let turn = 0;

// RFC 8032, 7.1, test 2: whether this browser can do what is needed.
const KEY = "302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const SIGNATURE = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
  + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

async function start() {
  if (!crypto.subtle) return say(page.verify_insecure);
  const able = await isSigned("ed25519", fromHex(KEY), fromHex(SIGNATURE), Uint8Array.of(0x72));
  if (!able) return say(page.verify_too_old);
  for (const [id, input] of Object.entries(inputs)) {
    input.disabled = false;
    input.addEventListener("change", () => take(id, [...input.files]));
  }
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    sort([...event.dataTransfer.files]);
  });
  document.body.dataset.ready = "";
}

/** What was dropped: the first bundle is to be verified, all else is to compare with. */
function sort(dropped) {
  const bundle = dropped.find((file) => file.name.endsWith(".zip"));
  const root = dropped.find((file) => /\.(pub|pem)$/.test(file.name));
  const known = dropped.filter((file) => file !== bundle && file !== root);
  if (root) files.root = root;
  if (known.length) files.known = known;
  take("bundle", bundle ? [bundle] : []);
}

function take(id, chosen) {
  if (id === "known") files.known = chosen;
  else if (chosen.length || id === "root") files[id] = chosen[0] ?? null;
  if (files.bundle) look();
}

async function look() {
  const mine = ++turn;
  state.className = "";
  say(page.verify_looking);
  found.hidden = true;
  try {
    const root = files.root && (await bytesOf(files.root));
    const known = [];
    for (const file of files.known) known.push([file.name, await bytesOf(file)]);
    const bytes = await bytesOf(files.bundle);
    const report = await verify(words, language, files.bundle.name, bytes, root, known);
    if (mine === turn) show(report);
  } catch (error) {
    if (mine !== turn) return;
    if (error instanceof Unusable) say(new Report(words, language).say(error.key, error.values));
    else say(`${page.verify_unread} ${error.message}`);
  }
}

async function bytesOf(file) {
  return new Uint8Array(await file.arrayBuffer());
}

function show(report) {
  const verdict = document.getElementById("verdict");
  verdict.textContent = report.code ? page.verify_false : page.verify_proven;
  verdict.dataset.look = report.code ? "red" : "green";
  document.getElementById("end").replaceChildren(...report.end.map((text) => element("p", text)));
  document.getElementById("lines").replaceChildren(
    ...report.lines.map((line) => {
      const item = element("li", "");
      item.dataset.look = signs[line.state];
      item.append(element("strong", report.say(line.state)), " ", element("span", line.text));
      return item;
    }),
  );
  found.hidden = false;
  say(`${files.bundle.name}: ${verdict.textContent}`);
  // the verdict stands right below; for whoever hears the page it is said here
  state.className = "visually-hidden";
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function say(text) {
  state.textContent = text;
}

start();
