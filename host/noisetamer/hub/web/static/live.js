// The page's life: cards as the hub tells them, and a plain sign when it tells nothing.
"use strict";

const SILENCE_MS = 7000; // the hub gives a sign of life every 2 s

const cards = new Map();
for (const element of document.querySelectorAll(".card")) {
  const fields = {};
  for (const field of element.querySelectorAll("[data-field]")) {
    fields[field.dataset.field] = field;
  }
  const curve = new Curve(element.querySelector(".curve"), element.dataset.unit);
  const hours = new Hours(element.querySelector(".hours"), element.dataset.unit);
  cards.set(element.dataset.unit, { element, fields, curve, hours });
  curve.refresh();
  examineOnClick(element.querySelector(".examine"), element.querySelector(".answer"), element.dataset.unit);
}

function show(card) {
  const known = cards.get(card.id);
  if (!known) {
    location.reload(); // a unit enrolled since the page was opened
    return;
  }
  const { element, fields } = known;
  element.dataset.look = card.look;
  element.dataset.speaking = card.speaking ? "yes" : "no";
  element.dataset.spotlight = card.spotlight ? "on" : "off";
  for (const name of ["number", "stage", "note", "limit", "difference", "spotlight_words", "time"]) {
    write(fields[name], card[name]);
  }
  fields.shape.setAttribute("href", `#sign-${card.shape}`);
  tell(fields.story, card.story, line);
  tell(fields.notices, card.notices, notice);
}

function examineOnClick(button, answer, unit) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const response = await fetch(`/units/${unit}/examine`, { method: "POST" });
      write(answer, (await response.json()).detail);
    } catch {
      write(answer, button.dataset.failed);
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

function tell(list, news, item) {
  const told = JSON.stringify(news);
  if (list.dataset.told === told) {
    return;
  }
  list.dataset.told = told;
  const nothing = "empty" in list.dataset ? [empty(list.dataset.empty)] : [];
  list.replaceChildren(...(news.length ? news.map(item) : nothing));
}

function notice(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function line({ at, kind, text }) {
  const item = document.createElement("li");
  item.dataset.kind = kind;
  const time = document.createElement("time");
  time.textContent = at;
  const words = document.createElement("span");
  words.textContent = text;
  item.append(time, " ", words);
  return item;
}

function empty(words) {
  const item = document.createElement("li");
  item.className = "empty";
  item.textContent = words;
  return item;
}

function connected(yes) {
  document.body.dataset.connected = yes ? "yes" : "no";
  document.querySelector(".lost").hidden = yes;
  if (yes) {
    return;
  }
  for (const { fields } of cards.values()) {
    write(fields.number, "--");
    write(fields.stage, document.body.dataset.unknown);
    for (const name of ["difference", "note", "spotlight_words"]) {
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
  stream.addEventListener("open", () => {
    alive();
    for (const { curve } of cards.values()) {
      curve.refresh();
    }
  });
  stream.addEventListener("alive", alive);
  stream.addEventListener("card", (event) => {
    alive();
    show(JSON.parse(event.data));
  });
  stream.addEventListener("hub", (event) => {
    alive();
    tell(document.querySelector(".troubles"), JSON.parse(event.data).troubles, notice);
  });
  stream.addEventListener("curve", (event) => {
    alive();
    const known = cards.get(JSON.parse(event.data).id);
    known?.curve.refresh();
    known?.hours.refresh();
  });
  stream.addEventListener("error", lost);
  clearTimeout(watchdog);
  watchdog = setTimeout(lost, SILENCE_MS);
}

listen();
