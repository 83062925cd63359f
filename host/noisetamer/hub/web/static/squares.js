// All squares in a line each, as the hub tells them.
"use strict";

const squares = new WorstFirst(document.querySelector(".cards"));
for (const element of document.querySelectorAll(".cards > .card")) {
  const rank = Number(element.dataset.rank);
  const hour = element.querySelector(".hour"); // of a few squares
  const curve = hour && new Curve(hour, hour.dataset.unit);
  curve?.refresh();
  squares.add({ id: element.dataset.square, element, fields: fieldsOf(element), curve, rank, row: {} });
}

function show(news) {
  const known = squares.items.get(news.id);
  if (!known) {
    location.reload(); // its first box was enrolled since the page was opened
    return;
  }
  const { element, fields } = known;
  const row = Object.assign(known.row, news); // the hub tells what is new of it
  element.dataset.look = row.look;
  element.dataset.state = row.state;
  element.dataset.speaking = row.speaking ? "yes" : "no";
  for (const name of ["number", "stage", "note", "limit", "difference", "where", "boxes", "incident", "time"]) {
    write(fields[name], row[name]);
  }
  fields.shape.setAttribute("href", `#sign-${row.shape}`);
  if (known.curve && known.curve.unit !== row.unit) {
    known.curve.of(row.unit);
  }
  lookOfMark(row.id, row.look);
  squares.ranked(known, row.rank);
}

function forget({ id }) {
  squares.forget(id);
  if (squares.items.size < 2) {
    location.reload(); // of one square there is another page
  }
}

function unknown() {
  entitle(0);
  for (const { id, fields, element, row } of squares.items.values()) {
    write(fields.number, "--");
    write(fields.stage, document.body.dataset.unknown);
    for (const name of ["limit", "difference", "note", "where", "boxes"]) {
      write(fields[name], "");
    }
    fields.shape.setAttribute("href", "#sign-unknown");
    element.dataset.look = "unknown";
    lookOfMark(id, "unknown");
    Object.keys(row).forEach((name) => delete row[name]);
  }
}

function takeSeconds(news) {
  for (const { curve } of squares.items.values()) {
    if (curve?.unit === news.id) {
      curve.take(news);
    }
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  squares.items.forEach(({ curve }) => curve?.redraw());
});

new Stream(document.body.dataset.stream, {
  takes: {
    square: show,
    gone: forget,
    all: ({ ids }) => squares.others(ids).forEach((id) => forget({ id })),
    hub: troubled,
    summary: summarise,
    curve: takeSeconds,
  },
  opened: () => squares.items.forEach(({ curve }) => curve?.refresh()),
  lost: unknown,
});
