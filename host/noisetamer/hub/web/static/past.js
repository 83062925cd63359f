// What was: a day or a week by the minute, a month by the hour; figures; the hours of the week;
// before and after a date. Times are those of the square's clock.
"use strict";

const DAY_MS = 86400000;
// a minute ends while the page is open
const PAST_AGE_MS = 60000;
const PENDING_MS = 2000;
// the heat map's colours, from so quiet to so loud, dB
const QUIET_DB = 40;
const LOUD_DB = 80;

class Past {
  constructor(section) {
    this.section = section;
    this.place = section.querySelector(".of-past");
    this.box = section.querySelector("select");
    this.until = section.querySelector(".until");
    this.words = section.dataset;
    this.days = 1;
    this.asked = 0;
    this.plot = null;
    this.hatches = new Map();
    // of a link to a day
    this.until.value = new URLSearchParams(location.search).get("day") || this.today;
    this.until.value ||= this.today;
    this.box.addEventListener("change", () => {
      this.until.value = this.today;
      this.look();
    });
    this.until.addEventListener("change", () => this.until.value && this.look());
    for (const button of section.querySelectorAll(".spans button")) {
      button.addEventListener("click", () => this.span(button));
    }
    section.querySelector(".earlier").addEventListener("click", () => this.shift(-1));
    section.querySelector(".later").addEventListener("click", () => this.shift(1));
    section.querySelector(".compare").addEventListener("click", () => this.compare());
    this.heat = new Heat(section.querySelector(".heat"), section.querySelector(".cell"));
    section.querySelector(".of-week").addEventListener("toggle", () => this.weeks());
    new ResizeObserver(() => this.place.clientWidth && this.plot?.setSize(this.size())).observe(this.place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.hatches.clear();
      this.draw();
      this.heat.paint();
    });
    document.addEventListener("seconds", ({ detail }) => {
      if (detail === this.unit && Date.now() - this.asked > PAST_AGE_MS && this.until.value >= this.today) {
        this.look();
      }
    });
    this.look();
  }

  get unit() {
    return this.box.value;
  }

  get today() {
    return this.box.selectedOptions[0].dataset.today;
  }

  get first() {
    return moved(this.until.value, 1 - this.days);
  }

  size() {
    return { width: this.place.clientWidth, height: this.place.clientHeight };
  }

  span(pressed) {
    for (const button of this.section.querySelectorAll(".spans button")) {
      button.setAttribute("aria-pressed", String(button === pressed));
    }
    this.days = Number(pressed.dataset.days);
    this.look();
  }

  shift(by) {
    this.until.value = moved(this.until.value, by * this.days);
    this.look();
  }

  // The curve at once; the figures when they are there.
  async look() {
    this.asked = Date.now();
    const look = (this.looking = {});
    const span = `first=${this.first}&days=${this.days}`;
    const step = this.days > 7 ? "hours" : "minutes";
    const of = await this.get(`/levels/${this.unit}/${step}?${span}`);
    if (look !== this.looking || !of) {
      return;
    }
    this.of = of;
    write(this.section.querySelector(".level-is"), this.section.querySelector(".level-is").dataset[step]);
    this.draw();
    const told = await this.get(`/levels/${this.unit}/figures?${span}`);
    if (look !== this.looking || !told) {
      return;
    }
    this.figures(told);
    this.weeks();
    if (of.pending || told.pending) {
      setTimeout(() => look === this.looking && this.look(), PENDING_MS);
    }
  }

  async get(address) {
    try {
      const answer = await fetch(address);
      if (answer.ok) {
        return await answer.json();
      }
    } catch {
      // said below
    }
    this.say(this.words.failed);
    return null;
  }

  say(text) {
    write(this.section.querySelector(".span"), text);
  }

  draw() {
    const { of } = this;
    if (!of) {
      return;
    }
    this.plot?.destroy();
    this.plot = null;
    const known = of.valid.reduce((sum, seconds) => sum + seconds, 0);
    const dates = this.days === 1 ? this.until.value : `${this.first} – ${this.until.value}`;
    this.say(of.pending ? `${dates} · ${this.words.asleep.replace("{count}", of.pending)}` : known ? dates : `${dates} · ${this.words.empty}`);
    const shift = of.utc_offset * 3600;
    // from midnight to midnight, whatever of it is known
    const count = Math.round((of.until - of.since) / of.step);
    const before = Math.round((of.t0 - of.since) / of.step);
    const times = Array.from({ length: count }, (_, i) => of.since + i * of.step + shift);
    const placed = (levels) => times.map((_, i) => decibels(levels[i - before] ?? null));
    this.spoken = new Set(of.own_voice.map((i) => i + before));
    this.missing = times.map((_, i) => (of.valid[i - before] ?? 0) === 0);
    const data = [times, placed(of.LAeq), placed(of.LAFmax), limitsOf(of, times, shift)];
    if (of.L10) {
      data.push(placed(of.L10), placed(of.L90));
    }
    this.place.dataset.drawn = "yes";
    this.plot = new uPlot(this.options(of), data, this.place);
  }

  options(of) {
    const axis = { stroke: ink("quiet-text"), grid: { stroke: ink("grid"), width: 1 }, ticks: { show: false } };
    const line = { width: 1.5, spanGaps: false, points: { show: false } };
    const thin = { ...line, width: 1, stroke: ink("invalid-lines") };
    const dated = this.days > 1;
    return {
      ...this.size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { range: (_, first, last) => [first, last + of.step] }, y: { range: (_, low, high) => range(low, high) } },
      axes: [
        {
          ...axis,
          space: 50,
          size: 28,
          incrs: dated ? [1, 2, 5, 10].map((days) => (days * DAY_MS) / 1000) : [3600, 7200, 10800, 21600],
          values: (_, ticks) => ticks.map(dated ? monthAndDay : hourAndMinute),
        },
        { ...axis, size: 40, space: 28 },
      ],
      series: [
        {},
        { ...line, stroke: ink("level") },
        { ...thin, dash: [2, 3] },
        { ...line, stroke: ink("red"), width: 2, dash: [8, 5] },
        ...(of.L10 ? [{ ...thin, stroke: ink("level") }, { ...thin, stroke: ink("level") }] : []),
      ],
      bands: of.L10 ? [{ series: [4, 5], fill: ink("voice-ground") }] : [],
      hooks: { drawAxes: [(plot) => this.bands(plot, of.step)] },
    };
  }

  // Where the box spoke, and where nothing is known.
  bands(plot, step) {
    const { ctx, bbox } = plot;
    const [times] = plot.data;
    ctx.save();
    for (const [kind, is] of [["missing", (i) => this.missing[i]], ["voice", (i) => this.spoken.has(i)]]) {
      ctx.fillStyle = this.hatch(ctx, kind);
      for (let i = 0; i < times.length; i++) {
        if (!is(i)) {
          continue;
        }
        let end = i + 1;
        while (end < times.length && is(end)) {
          end++;
        }
        const left = plot.valToPos(times[i], "x", true);
        const right = plot.valToPos(times[i] + (end - i) * step, "x", true);
        const height = kind === "voice" ? bbox.height / 12 : bbox.height;
        ctx.fillRect(left, bbox.top + bbox.height - height, Math.max(right - left, 2 * devicePixelRatio), height);
        i = end;
      }
    }
    ctx.restore();
  }

  hatch(ctx, kind) {
    if (!this.hatches.has(kind)) {
      this.hatches.set(kind, hatch(ctx, kind));
    }
    return this.hatches.get(kind);
  }

  figures({ whole, days }) {
    const body = this.section.querySelector(".figures tbody");
    const rows = [{ date: body.dataset.whole, ...whole }, ...(days.length > 1 ? days : [])];
    body.replaceChildren(...rows.map((of, n) => {
      const row = document.createElement("tr");
      const when = words("th", of.date);
      when.scope = "row";
      row.append(when, ...["LAeq", "L10", "L50", "L90", "LAFmax", "Ld", "Ln", "coverage"].map((name) => words("td", of[name])));
      row.dataset.whole = n === 0 ? "yes" : "no";
      return row;
    }));
  }

  // Of the four weeks up to the last day shown.
  async weeks() {
    const wanted = `${this.unit} ${this.until.value}`;
    if (!this.section.querySelector(".of-week").open || this.heat.of === wanted) {
      return;
    }
    this.heat.of = wanted;
    const told = await this.get(`/levels/${this.unit}/figures?first=${moved(this.until.value, -27)}&days=28`);
    if (told && this.heat.of === wanted) {
      this.heat.show(told.week);
      if (told.pending) {
        this.heat.of = "";
      }
    }
  }

  async compare() {
    const wanted = () => `/levels/${this.unit}/change?at=${this.section.querySelector(".at").value}`;
    const asked = wanted();
    const told = this.section.querySelector(".at").value && (await this.get(asked));
    if (!told || asked !== wanted()) {
      return; // or somebody has chosen another day meanwhile
    }
    const table = this.section.querySelector(".of-change table");
    table.hidden = false;
    table.tBodies[0].replaceChildren(...told.rows.map((of) => {
      const row = document.createElement("tr");
      const part = words("th", of.part);
      part.scope = "row";
      row.append(part, ...["before", "after", "says"].map((name) => words("td", of[name])));
      return row;
    }));
  }
}

// A week's hours as a grid: one stop of the Tab key, the arrow keys move in it.
class Heat {
  constructor(table, said) {
    this.table = table;
    this.said = said;
    this.week = null;
    this.of = "";
    table.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      const cell = event.target.closest("td[data-hour]");
      if (by && cell) {
        event.preventDefault();
        const [day, hour] = [Number(cell.dataset.day) + by[0], Number(cell.dataset.hour) + by[1]];
        table.querySelector(`td[data-day="${day}"][data-hour="${hour}"]`)?.focus();
      }
    });
    table.addEventListener("focusin", (event) => this.tell(event.target));
    table.addEventListener("click", (event) => event.target.closest("td[data-hour]")?.focus());
  }

  tell(cell) {
    if (cell.dataset.hour) {
      for (const other of this.table.querySelectorAll("td[tabindex='0']")) {
        other.tabIndex = -1;
      }
      cell.tabIndex = 0;
      write(this.said, cell.getAttribute("aria-label"));
    }
  }

  show(week) {
    this.week = week;
    const names = this.table.dataset.days.split(" ");
    this.table.tBodies[0].replaceChildren(...week.map((hours, day) => {
      const row = document.createElement("tr");
      const name = words("th", names[day]);
      name.scope = "row";
      row.append(name, ...hours.map((hour, n) => this.cell(hour, names[day], day, n)));
      return row;
    }));
    this.paint();
  }

  cell({ LAeq, coverage }, name, day, hour) {
    const cell = document.createElement("td");
    cell.tabIndex = day === 0 && hour === 0 ? 0 : -1;
    cell.setAttribute("role", "gridcell");
    Object.assign(cell.dataset, { day, hour, level: LAeq ?? "" });
    const { cell: sentence, none } = this.table.dataset;
    const told = LAeq === null ? none : sentence;
    cell.setAttribute("aria-label", told.replace("{day}", name).replace("{hour}", `${hour}:00`)
      .replace("{level}", (LAeq / 10).toFixed(1)).replace("{coverage}", coverage));
    return cell;
  }

  paint() {
    const [quiet, loud] = [ink("heat-quiet"), ink("heat-loud")].map(channels);
    for (const cell of this.table.querySelectorAll("td[data-level]")) {
      const { level } = cell.dataset;
      const part = Math.min(1, Math.max(0, (level / 10 - QUIET_DB) / (LOUD_DB - QUIET_DB)));
      cell.style.background = level === "" ? "" : `rgb(${quiet.map((from, i) => Math.round(from + part * (loud[i] - from))).join(" ")})`;
    }
  }
}

function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

// A limit is known where an event told it: it is drawn for that hour, and no longer.
function limitsOf({ limit, step }, times, shift) {
  const told = new Map();
  for (const [t, tenths] of limit) {
    const hour = Math.floor((t + shift) / 3600);
    told.set(hour, [...(told.get(hour) ?? []), [t + shift, tenths]]);
  }
  return times.map((time) => {
    const of = told.get(Math.floor(time / 3600));
    if (!of) {
      return null;
    }
    const before = of.filter(([t]) => t < time + step);
    return (before.at(-1) ?? of[0])[1] / 10;
  });
}

function moved(date, days) {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

function monthAndDay(seconds) {
  return new Date(seconds * 1000).toISOString().slice(5, 10);
}

const past = document.querySelector(".past");
if (past) {
  new Past(past);
}
