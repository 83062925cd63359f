// On duty: rings while somebody is called and nobody has it in hand, and cries out when the hub is
// lost.
"use strict";

const CRY_MS = 10000; // after the last sign of life: a line that breaks for a moment wakes nobody

const words = JSON.parse(document.body.dataset.words);
const list = document.querySelector(".calls");
const calm = document.querySelector(".calm");
const fault = document.querySelector(".fault");
const ring = new Ring();
const awake = new Awake((state) => {
  document.querySelector(".awake").textContent = words[state];
});
const title = document.title;
let stream = null;
let patience = null;
let calls = null; // not told yet
let there = false; // the hub
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
  watch();
  stream = new Stream("/duty/events", { takes: { calls: tell }, there: isThere, lost: isGone });
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

function watch() {
  clearTimeout(patience);
  patience = setTimeout(() => {
    lost = true;
    sound();
  }, CRY_MS);
}

function isThere() {
  there = true;
  lost = false;
  watch();
  sound();
}

function isGone() {
  there = false;
  sound();
}

function sound() {
  const ringing = calls?.find((call) => call.ring);
  const calmed = calls?.every((call) => call.state !== "open" && call.state !== "acknowledged");
  show(calm, there && calmed);
  ring.play(ringing ? RING : lost ? LOST : null);
  document.title = ringing ? `(!) ${ringing.title}` : lost ? `(×) ${title}` : title;
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
    stream.listen(); // a stream begins with how all stands
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
