// The cards of one square's boxes, as the hub tells them.
"use strict";

const cards = new WorstFirst(document.querySelector(".cards"));
for (const element of document.querySelectorAll(".cards > .card")) {
  const id = element.dataset.unit;
  const curve = new Curve(element.querySelector(".hour"), id);
  const hours = new Hours(element.querySelector(".hours"), id, curve);
  const rank = Number(element.dataset.rank);
  cards.add({ id, element, fields: fieldsOf(element), curve, hours, rank, card: {} });
  element.querySelector(".more").addEventListener("toggle", () => curve.refresh());
  curve.refresh();
  const examine = element.querySelector(".examine");
  if (examine) {
    examineOnClick(examine, element.querySelector(".answer"), id);
  }
}

function show(news) {
  const known = cards.items.get(news.id);
  if (!known) {
    location.reload(); // a unit enrolled since the page was opened
    return;
  }
  const { element, fields } = known;
  const card = Object.assign(known.card, news); // the hub tells what is new of it
  element.dataset.look = card.look;
  element.dataset.speaking = card.speaking ? "yes" : "no";
  element.dataset.spotlight = card.spotlight ? "on" : "off";
  for (const name of ["title", "serial", "number", "stage", "note", "limit", "difference", "budget", "spotlight_words", "time"]) {
    write(fields[name], card[name]);
  }
  fields.shape.setAttribute("href", `#sign-${card.shape}`);
  if (news.story) {
    tellStory(fields.story, news.story);
  }
  tell(fields.notices, card.notices);
  lookOfMark(card.id, card.look);
  cards.ranked(known, card.rank);
}

function forget({ id }) {
  cards.forget(id);
  if (cards.items.size === 0) {
    location.reload(); // the page of an empty hub says what to do
  }
}

function goesOn({ state, text, address }) {
  const place = document.querySelector(".goes-on");
  place.hidden = !text;
  place.dataset.state = state;
  const link = place.querySelector("a");
  write(link, text);
  link.href = address || "/";
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

function unknown() {
  entitle(0);
  for (const { id, fields, card } of cards.items.values()) {
    write(fields.number, "--");
    write(fields.stage, document.body.dataset.unknown);
    for (const name of ["limit", "difference", "note", "budget", "spotlight_words"]) {
      write(fields[name], "");
    }
    fields.shape.setAttribute("href", "#sign-unknown");
    lookOfMark(id, "unknown");
    Object.keys(card).forEach((name) => delete card[name]);
  }
}

new Stream(document.body.dataset.stream, {
  takes: {
    card: show,
    gone: forget,
    all: ({ ids }) => cards.others(ids).forEach((id) => forget({ id })),
    incident: goesOn,
    hub: troubled,
    summary: summarise,
    curve: (news) => {
      const { id } = news;
      const known = cards.items.get(id);
      known?.curve.take(news);
      known?.hours.refresh();
      document.dispatchEvent(new CustomEvent("seconds", { detail: id }));
    },
  },
  opened: () => cards.items.forEach(({ curve }) => curve.refresh()),
  lost: unknown,
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  cards.items.forEach(({ curve }) => curve.redraw());
});
