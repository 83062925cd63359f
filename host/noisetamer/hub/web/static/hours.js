// The last hours of one unit as a table, asked for only while it is open.
"use strict";

const HOUR_CELLS = ["at", "LAeq", "L10", "L50", "L90", "LAFmax", "minutes"];
// the running hour changes with every second: often enough for a reader
const HOURS_AGE_MS = 30000;

class Hours {
  constructor(place, unit) {
    this.place = place;
    this.unit = unit;
    this.asked = -Infinity;
    place.addEventListener("toggle", () => this.refresh());
  }

  async refresh() {
    // closed, or in a card that is
    if (!this.place.open || !this.place.checkVisibility() || Date.now() - this.asked < HOURS_AGE_MS) {
      return;
    }
    this.asked = Date.now();
    try {
      const answer = await fetch(`/units/${this.unit}/hours`);
      if (answer.ok) {
        this.show(await answer.json());
      }
    } catch {
      this.asked = -Infinity; // the stream says when the hub is away
    }
  }

  show(rows) {
    const body = this.place.querySelector("tbody");
    body.replaceChildren(...rows.map(hourRow));
    if (rows.length === 0) {
      body.insertRow().insertCell().textContent = this.place.dataset.empty;
      body.rows[0].cells[0].colSpan = HOUR_CELLS.length;
    }
  }
}

function hourRow(hour) {
  const row = document.createElement("tr");
  for (const name of HOUR_CELLS) {
    row.insertCell().textContent = hour[name];
  }
  return row;
}
