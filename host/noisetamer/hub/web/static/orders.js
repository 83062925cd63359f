// Orders on any page: what was asked for is seen at once, and then what the units made of it.
"use strict";

const MOST_ROWS = 20;

// in the order in which one follows another: an answer may come after news of the same order
const STATES = ["given", "sent", "taken", "begun", "withdrawn", "expired", "unknown", "refused", "done"];

const answer = document.querySelector(".answer");
const list = document.querySelector(".lately ol");
let asked = []; // ids of what this page asked for last

function say(text, state) {
  answer.hidden = false;
  answer.textContent = text;
  answer.dataset.state = state;
}

function showAll(rows) {
  asked = rows.map((row) => row.id);
  rows.forEach(show);
}

function show(row) {
  list.querySelector(".none")?.remove();
  let item = list.querySelector(`[data-order="${row.id}"]`);
  if (!item) {
    item = document.createElement("li");
    item.dataset.order = row.id;
    item.innerHTML = "<p><time></time> <strong></strong></p><p class=quiet></p><p class=became></p>";
    const after = [...list.children].find((one) => number(one.dataset.order) < number(row.id));
    list.insertBefore(item, after ?? null);
    while (list.children.length > MOST_ROWS) {
      list.lastElementChild.remove();
    }
  }
  if (STATES.indexOf(row.state) >= STATES.indexOf(item.dataset.state)) {
    fill(item, row);
  }
  if (asked.includes(row.id)) {
    const at = `${item.querySelector("strong").textContent}: ${item.querySelector(".became").textContent}`;
    say(at, item.dataset.state);
  }
}

function fill(item, row) {
  item.dataset.state = row.state;
  item.querySelector("time").textContent = row.at;
  item.querySelector("strong").textContent = row.what;
  item.querySelector(".quiet").textContent = row.who;
  item.querySelector(".became").textContent = row.became;
}

function number(id) {
  return Number(id.slice(id.lastIndexOf("-") + 1));
}
