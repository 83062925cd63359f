// On duty: rings while somebody is called and nobody has it in hand, and cries out when the hub is
// lost.
"use strict";

const SILENCE_MS = 10000; // the hub gives a sign of life every 3 s

const words = JSON.parse(document.body.dataset.words);
const lostSign = document.querySelector(".duty-lost");
const list = document.querySelector(".calls");
const calm = document.querySelector(".calm");
const fault = document.querySelector(".fault");
const ring = new Ring();
const awake = new Awake((state) => {
  document.querySelector(".awake").textContent = words[state];
});
const title = document.title;
let stream = null;
let watchdog = null;
let calls = [];
let lost = false;

const does = { start, test, end };
for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => does[button.dataset.do]());
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target === document.body) {
    list.querySelector("button")?.click();
  }
});

async function start() {
  const heard = await ring.allow();
  awake.hold();
  show(document.querySelector(".off"), false);
  show(document.querySelector(".on"), true);
  document.body.dataset.duty = "on";
  complain(heard ? "" : words.muted);
  const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  document.querySelector(".since").textContent = words.since.replace("{time}", time);
  listen();
  await ask("/duty/start", {}, words.not_done).catch((error) => complain(error.message));
}

async function test() {
  complain((await ring.allow()) ? "" : words.muted);
  ring.once(RING);
}

async function end() {
  await ask("/duty/end", {}, words.not_done).catch(() => {});
  awake.release();
  ring.play(null);
  location.reload();
}

function listen() {
  stream?.close();
  stream = new EventSource("/duty/events");
  stream.addEventListener("calls", (event) => {
    alive();
    tell(JSON.parse(event.data));
  });
  stream.addEventListener("alive", alive);
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) {
      setTimeout(listen, 2000); // the browser has given up; this page does not
    }
  });
  watch();
}

function alive() {
  lost = false;
  show(lostSign, false);
  watch();
  sound();
}

function watch() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => {
    lost = true;
    show(lostSign, true);
    sound();
    listen();
  }, SILENCE_MS);
}

function sound() {
  const ringing = calls.some((call) => call.ring);
  const living = calls.some((call) => call.state === "open" || call.state === "acknowledged");
  show(calm, !lost && !living);
  ring.play(ringing ? RING : lost ? LOST : null);
  const first = calls.find((call) => call.ring);
  document.title = first ? `(!) ${first.title}` : lost ? `(×) ${title}` : title;
}

function tell(told) {
  calls = told;
  const focused = document.activeElement?.closest(".call")?.dataset.incident;
  list.replaceChildren(...calls.map(card));
  list.querySelector(`[data-incident="${focused}"] button`)?.focus();
  sound();
}

function card(call) {
  const element = make("article", "call");
  element.dataset.incident = call.incident;
  element.dataset.ring = call.ring ? "yes" : "no";
  element.append(make("h2", "", call.title), ...call.lines.map((line) => make("p", "", line)));
  if (call.note) {
    element.append(make("p", "note", call.note));
  }
  if (call.ring) {
    const button = make("button", "thumb", words.act);
    button.addEventListener("click", () => acknowledge(call, button));
    element.append(button);
  }
  const look = make("a", "", words.look);
  look.href = `/incidents/${call.incident}`;
  look.target = "_blank";
  look.rel = "noopener";
  element.append(look);
  return element;
}

async function acknowledge(call, button) {
  button.disabled = true;
  try {
    const told = await ask("/duty/acknowledge", { incident: call.incident }, words.not_done);
    // of this call it is silent at once; of all others the stream may have told since
    tell(calls.flatMap((one) => (one.incident === call.incident ? told.filter(({ incident }) => incident === one.incident) : one)));
    complain("");
    listen(); // a stream begins with how all stands
  } catch (error) {
    button.disabled = false;
    complain(error.message);
  }
}

function complain(text) {
  fault.textContent = text;
  show(fault, text !== "");
}

function show(element, shown) {
  element.hidden = !shown;
}

function make(name, look, text = "") {
  const element = document.createElement(name);
  element.className = look;
  element.textContent = text;
  return element;
}
