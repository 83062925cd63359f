// The last hours of one unit, or those of a day, as a table, asked for only while it is open; each
// leads to its curve.
"use strict";

const HOUR_CELLS = ["LAeq", "L10", "L50", "L90", "LAFmax", "minutes"];
// the running hour changes with every second: often enough for a reader
const HOURS_AGE_MS = 30000;

class Hours {
  constructor(place, unit, curve) {
    this.place = place;
    this.unit = unit;
    this.curve = curve;
    this.asked = -Infinity;
    this.day = place.querySelector(".day");
    this.day.addEventListener("change", () => {
      this.asked = -Infinity;
      this.refresh();
    });
    place.addEventListener("toggle", () => this.refresh());
  }

  async refresh() {
    // closed, or in a card that is
    if (!this.place.open || !this.place.checkVisibility() || Date.now() - this.asked < HOURS_AGE_MS) {
      return;
    }
    this.asked = Date.now();
    try {
      const day = this.day.value;
      const answer = await fetch(`/units/${this.unit}/hours${day ? `?day=${day}` : ""}`);
      const rows = answer.ok ? await answer.json() : null;
      if (rows && day === this.day.value) {
        this.show(rows);
      }
    } catch {
      this.asked = -Infinity; // the stream says when the hub is away
    }
  }

  show(rows) {
    const body = this.place.querySelector("tbody");
    const focused = document.activeElement?.dataset.since;
    body.replaceChildren(...rows.map((hour) => this.row(hour)));
    body.querySelector(`[data-since="${focused}"]`)?.focus();
    if (rows.length === 0) {
      body.insertRow().insertCell().textContent = this.place.dataset.empty;
      body.rows[0].cells[0].colSpan = HOUR_CELLS.length + 1;
    }
  }

  row(hour) {
    const row = document.createElement("tr");
    const at = document.createElement("button");
    at.type = "button";
    at.textContent = hour.at;
    at.dataset.since = hour.since;
    at.addEventListener("click", () => this.curve.lookBack(hour.since));
    row.insertCell().append(at);
    for (const name of HOUR_CELLS) {
      row.insertCell().textContent = hour[name];
    }
    return row;
  }
}
