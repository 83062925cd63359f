// The page's life: cards as the hub tells them, and a plain sign when it tells nothing.
"use strict";

const SILENCE_MS = 7000; // the hub gives a sign of life every 2 s
// a card that got better keeps its place for so long: the page must not jump
const SETTLED_MS = 20000;

const main = document.querySelector("main");
const cards = new Map();
for (const element of document.querySelectorAll(".card")) {
  const fields = {};
  for (const field of element.querySelectorAll("[data-field]")) {
    fields[field.dataset.field] = field;
  }
  const id = element.dataset.unit;
  const curve = new Curve(element.querySelector(".hour"), id);
  const hours = new Hours(element.querySelector(".hours"), id, curve);
  const rank = Number(element.dataset.rank);
  cards.set(id, { id, element, fields, curve, hours, rank, now: rank, since: Date.now(), card: {} });
  element.querySelector(".more").addEventListener("toggle", () => curve.refresh());
  curve.refresh();
  examineOnClick(element.querySelector(".examine"), element.querySelector(".answer"), id);
}

function show(card) {
  const known = cards.get(card.id);
  if (!known) {
    location.reload(); // a unit enrolled since the page was opened
    return;
  }
  const { element, fields } = known;
  card = Object.assign(known.card, card); // the hub tells what is new of it
  element.dataset.look = card.look;
  element.dataset.speaking = card.speaking ? "yes" : "no";
  element.dataset.spotlight = card.spotlight ? "on" : "off";
  for (const name of ["title", "serial", "number", "stage", "note", "limit", "difference", "spotlight_words", "time"]) {
    write(fields[name], card[name]);
  }
  fields.shape.setAttribute("href", `#sign-${card.shape}`);
  if (card.story) {
    tellStory(fields.story, card.story);
    delete card.story; // drawn anew only when it is another one
  }
  tell(fields.notices, card.notices);
  known.now = card.rank;
  if (settle(known)) {
    arrange();
  }
}

// Worse at once, better when it has lasted. True when the card's place may be another.
function settle(known) {
  const before = known.rank;
  if (known.now <= known.rank || Date.now() - known.since > SETTLED_MS) {
    known.rank = known.now;
    known.since = Date.now();
  }
  return known.rank !== before;
}

// The worst first. Where somebody is at work in a card, the others move around it.
function arrange() {
  const order = [...cards.values()].sort(
    (a, b) => a.rank - b.rank
      || compare(a.fields.title.textContent, b.fields.title.textContent)
      || compare(a.id, b.id));
  const wanted = order.map(({ element }) => element);
  if (wanted.every((element, place) => main.children[place] === element)) {
    return;
  }
  const at = Math.max(0, wanted.findIndex((element) => element.contains(document.activeElement)));
  wanted[at].before(...wanted.slice(0, at));
  wanted[at].after(...wanted.slice(at + 1));
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

function summarise({ look, over, text, unknown }) {
  if (cards.size === 0) {
    return;
  }
  const place = document.querySelector(".summary");
  place.dataset.look = look;
  place.querySelector("use").setAttribute("href", `#sign-${look}`);
  write(place.querySelector(".text"), text);
  write(place.querySelector(".unknown"), unknown);
  const { page } = document.body.dataset;
  document.title = over ? `(${over}) ${page}` : page;
}

function forget({ id }) {
  cards.get(id)?.element.remove();
  cards.delete(id);
  if (cards.size === 0) {
    location.reload(); // the page of an empty hub says what to do
  }
}

function examineOnClick(button, answer, unit) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      write(answer, (await ask(`/units/${unit}/examine`, null, button.dataset.failed)).detail);
    } catch (error) {
      write(answer, error.message);
    } finally {
      button.disabled = false;
    }
  });
}

function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function tell(list, news) {
  const told = JSON.stringify(news);
  if (list.dataset.told !== told) {
    list.dataset.told = told;
    list.replaceChildren(...news.map((text) => words("li", text)));
  }
}

function connected(yes) {
  document.body.dataset.connected = yes ? "yes" : "no";
  document.querySelector(".lost").hidden = yes;
  if (yes) {
    return;
  }
  document.title = document.body.dataset.page;
  for (const { fields } of cards.values()) {
    write(fields.number, "--");
    write(fields.stage, document.body.dataset.unknown);
    for (const name of ["limit", "difference", "note", "spotlight_words"]) {
      write(fields[name], "");
    }
    fields.shape.setAttribute("href", "#sign-unknown");
  }
}

let stream;
let watchdog;

function alive() {
  connected(true);
  clearTimeout(watchdog);
  watchdog = setTimeout(lost, SILENCE_MS);
}

function lost() {
  connected(false);
  stream.close();
  clearTimeout(watchdog);
  watchdog = setTimeout(listen, 1000);
}

function listen() {
  stream = new EventSource("/events");
  const on = (name, take) => stream.addEventListener(name, (event) => {
    alive();
    take?.(JSON.parse(event.data));
  });
  stream.addEventListener("open", () => {
    alive();
    for (const { curve } of cards.values()) {
      curve.refresh();
    }
  });
  on("alive");
  on("card", show);
  on("gone", forget);
  on("summary", summarise);
  on("hub", ({ troubles }) => tell(document.querySelector(".troubles"), troubles));
  on("curve", ({ id }) => {
    cards.get(id)?.curve.refresh();
    cards.get(id)?.hours.refresh();
  });
  stream.addEventListener("error", lost);
  clearTimeout(watchdog);
  watchdog = setTimeout(lost, SILENCE_MS);
}

listen();
setInterval(() => {
  if ([...cards.values()].filter(settle).length) {
    arrange();
  }
}, 5000);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const { curve } of cards.values()) {
    curve.redraw();
  }
});
