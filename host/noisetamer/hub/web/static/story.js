// What happened to one unit, newest first; what belongs together can be unfolded.
"use strict";

function tellStory(list, news) {
  const open = new Set();
  for (const row of list.querySelectorAll("li:has(> details[open])")) {
    open.add(row.dataset.began);
  }
  list.replaceChildren(...(news.length ? news.map(storyRow) : [nothing(list.dataset.empty)]));
  for (const row of list.children) {
    if (open.has(row.dataset.began)) {
      row.querySelector("details").open = true;
    }
  }
}

function storyRow({ at, kind, text, steps }) {
  const row = document.createElement("li");
  row.dataset.kind = kind;
  const time = document.createElement("time");
  time.textContent = at;
  row.append(time, " ", steps.length ? unfolding(text, steps) : words("span", text));
  if (steps.length) {
    row.dataset.began = steps[0].at;
  }
  return row;
}

function unfolding(text, steps) {
  const details = document.createElement("details");
  const list = document.createElement("ol");
  list.append(...steps.map(storyRow));
  details.append(words("summary", text), list);
  return details;
}

function nothing(text) {
  const item = words("li", text);
  item.className = "empty";
  return item;
}
