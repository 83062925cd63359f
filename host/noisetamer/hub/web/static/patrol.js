// A round on a phone: scan, type the digits of the panel, done. What is typed is kept on the phone
// before anything else, and told when there is a network; the digits prove their minute by
// themselves.
"use strict";

const TICK = [[1568, 0.07], [2093, 0.16]]; // Hz, s
const NO = [[220, 0.35]];
const AGAIN_MS = 15000; // so often it is tried to tell what waits
const PATIENCE_MS = 8000; // a network that hangs is none
const AT_ONCE = 200; // the hub takes no more; the others follow
const SHELL = "patrol"; // of the service worker, too

const words = JSON.parse(document.body.dataset.words);
const me = document.body.dataset.account;
const here = Number(/^\/patrol\/(\d+)$/.exec(location.pathname)?.[1] ?? 0);
const form = document.querySelector(".here");
const digits = form.elements.digits;
const answerBox = document.querySelector(".answer");
const ring = new Ring();
let known = kept("patrol.known") ?? { points: [], rounds: [] };
let pausedUntil = 0;
let telling = false;
let tellMore = false; // asked for meanwhile: what waits may have a network since
let looked = 0; // of several looks under way the newest counts: its answer may be the first to come

addEventListener("pointerdown", () => ring.allow(), { once: true });
addEventListener("online", tell);
addEventListener("offline", () => show(document.querySelector(".offline"), true));
document.querySelector(".now").addEventListener("click", tell);
setInterval(() => queue().length && tell(), AGAIN_MS);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  checkIn(digits.value);
});
digits.addEventListener("input", () => {
  digits.value = digits.value.replace(/\D/g, "");
  if (digits.value.length === 4) {
    checkIn(digits.value);
  }
});

begin();

async function begin() {
  draw();
  const code = new URLSearchParams(location.search).get("code");
  if (here && code && /^\d{4}$/.test(code)) {
    history.replaceState(null, "", location.pathname); // a page that is loaded again is no visit
    checkIn(code);
  }
  keepPage();
  await look();
  tell();
}

// -- what is kept on the phone

function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function queue() {
  return (kept("patrol.queue") ?? []).filter((one) => one.by === me);
}

function keep(change) {
  localStorage.setItem("patrol.queue", JSON.stringify(change(kept("patrol.queue") ?? [])));
}

function checkIn(typed) {
  const nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
  try {
    keep((all) => [...all, { nonce, point: here, digits: typed, typed: Date.now() / 1000, by: me }]);
  } catch {
    complain(words.not_kept); // without room it is told at once, or not at all
    return;
  }
  digits.value = "";
  digits.blur();
  say({ what: "sending", title: words.sending, lines: [] });
  tell();
}

// -- telling

async function tell() {
  const waiting = queue().slice(0, AT_ONCE);
  tellMore = telling;
  if (telling || !waiting.length || Date.now() < pausedUntil) {
    draw();
    return;
  }
  telling = true;
  try {
    const answers = await asked(waiting);
    complain("");
    show(document.querySelector(".offline"), false);
    const wait = Math.max(0, ...answers.filter((one) => one.what === "wait").map((one) => one.seconds));
    pausedUntil = wait ? Date.now() + 1000 * wait : 0;
    const done = new Set(answers.filter((one) => one.what !== "wait").map((one) => one.nonce));
    keep((all) => all.filter((one) => !done.has(one.nonce)));
    tellAnswer(answers);
    look();
  } catch (error) {
    failed(error, waiting);
  } finally {
    telling = false;
    draw();
    if (tellMore) {
      tell();
    }
  }
}

async function asked(waiting, again = true) {
  const told = waiting.map(({ nonce, point, digits: typed, typed: at }) => ({ nonce, point, digits: typed, typed: at }));
  const answer = await fetch("/patrol/check-ins", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF": document.body.dataset.csrf ?? "" },
    body: JSON.stringify({ sent: Date.now() / 1000, told }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.ok) {
    return answer.json();
  }
  if (answer.status === 403 && again && (await look())) {
    return asked(waiting, false); // a page from the phone's memory has an old word
  }
  throw Object.assign(new Error(words.failed), { status: answer.status });
}

function failed(error, waiting) {
  if (error.status === 401 || error.status === 403) {
    complain(words.log_in);
  } else if (error.status) {
    complain(error.message);
  } else {
    show(document.querySelector(".offline"), true);
  }
  if (waiting.some((one) => one.point === here)) {
    say({ what: "kept", title: words.kept, lines: [words.kept_why] });
  }
}

async function look() {
  const mine = ++looked;
  try {
    const answer = await fetch("/patrol/mine", { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) {
      return false;
    }
    const { csrf, account, ...rest } = await answer.json();
    if (account !== me) {
      location.reload(); // somebody else has logged in since
      return false;
    }
    document.body.dataset.csrf = csrf;
    if (mine === looked) {
      known = rest;
      localStorage.setItem("patrol.known", JSON.stringify(known));
    }
    show(document.querySelector(".offline"), false);
    draw();
    return true;
  } catch {
    show(document.querySelector(".offline"), true);
    return false;
  }
}

// -- showing

function tellAnswer(answers) {
  const counted = answers.filter((one) => one.what === "in" || one.what === "again");
  const shown = answers.findLast((one) => one.what !== "in" && one.what !== "again") ?? answers.at(-1);
  const lines = answers.length > 1 ? answers.flatMap((one) => [one.title, ...one.lines]) : shown.lines;
  say({ ...shown, lines });
  ring.once(counted.length === answers.length ? TICK : NO);
}

function say({ what, title, lines }) {
  answerBox.dataset.what = what;
  answerBox.dataset.look = { in: "green", again: "green", kept: "amber", wait: "amber", sending: "unknown" }[what] ?? "red";
  write(answerBox.querySelector(".what"), title);
  answerBox.querySelector(".lines").replaceChildren(...lines.map((line) => make("p", line)));
  show(answerBox, true);
}

function draw() {
  const point = known.points.find((one) => one.id === here);
  const weak = point?.kind === "weak";
  show(form, here > 0 && (point !== undefined || !known.points.length));
  write(form.querySelector(".point"), point ? point.name : words.no_point_offline);
  show(form.querySelector(".digits"), !weak);
  show(form.querySelector("button"), weak);
  show(form.querySelector(".weak"), weak);
  if (here && known.points.length && !point) {
    complain(words.no_point);
  }
  const waiting = queue();
  show(document.querySelector(".waiting"), waiting.length > 0);
  document.querySelector(".waiting ul").replaceChildren(...waiting.map((one) => {
    const name = known.points.find((point) => point.id === one.point)?.name ?? one.point;
    const at = new Date(1000 * one.typed).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    return make("li", words.waiting.replace("{point}", name).replace("{time}", at));
  }));
  document.querySelector(".rounds").replaceChildren(...known.rounds.map((round) => {
    const left = round.points.filter((one) => !one.done).length;
    const said = left ? words.rounds_left.replace("{left}", left) : words.rounds_done;
    const section = make("section", "");
    const list = make("ul", "");
    list.append(...round.points.map((one) => {
      const item = make("li", `${one.done ? "✓ " : ""}${one.name}${weakly(one.id)}`);
      item.dataset.done = one.done ? "yes" : "no";
      return item;
    }));
    section.append(make("h2", said.replace("{round}", round.name).replace("{until}", round.until)), list);
    return section;
  }));
  show(document.querySelector(".points"), !here);
  document.querySelector(".points ul").replaceChildren(...(known.points.length ? known.points.map((one) => {
    const item = make("li", "");
    const link = make("a", `${one.name} · ${one.square}${weakly(one.id)}`);
    link.href = `/patrol/${one.id}`;
    item.append(link);
    return item;
  }) : [make("li", words.none)]));
}

function weakly(id) {
  return known.points.find((one) => one.id === id)?.kind === "weak" ? ` · ${words.weak}` : "";
}

function complain(text) {
  const fault = document.querySelector(".fault");
  write(fault, text);
  show(fault, text !== "");
}

function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function show(element, shown) {
  element.hidden = !shown;
}

function make(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

// -- without a network

async function keepPage() {
  const ready = document.querySelector(".ready");
  if (!isSecureContext || !("serviceWorker" in navigator)) {
    write(ready, words.not_secure);
    return;
  }
  try {
    await navigator.serviceWorker.register("/service-worker.js");
    const files = [...document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=icon]")];
    const cache = await caches.open(SHELL);
    await cache.addAll(["/patrol", ...files.map((one) => one.src || one.href)]);
    await navigator.serviceWorker.ready; // before, nobody answers from it
    ready.dataset.kept = "yes";
    await navigator.storage?.persist?.();
  } catch {
    // no network: what was kept before holds; or a certificate that the phone does not trust
    if (!(await caches.match("/patrol").catch(() => null))) {
      write(ready, words.not_secure);
    }
  }
}
