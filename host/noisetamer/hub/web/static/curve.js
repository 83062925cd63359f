// The last hour of one unit, or one that has gone by: level, limit, and what of it is not judged.
"use strict";

// Of the style sheet, in light and dark.
function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// the least range shown, dB: a quiet hour must not look dramatic
const LOWEST_DB = 40;
const HIGHEST_DB = 80;
// a new box's curve grows from the left into this much room, s
const SHORTEST = 300;
const WHOLE_MINUTES = [60, 120, 300, 600, 900, 1800, 3600, 7200];

class Curve {
  constructor(section, unit) {
    this.place = section.querySelector(".curve");
    this.span = section.querySelector(".span");
    this.unit = unit;
    this.invalid = [];
    this.limits = [];
    this.plot = null;
    // what the hub told of it, and its seconds
    this.hour = this.seconds = null;
    this.busy = this.again = false;
    this.since = null;
    this.toNow = section.querySelector(".to-now");
    this.toNow.addEventListener("click", () => this.lookBack(null));
    new ResizeObserver(() => this.place.clientWidth && this.plot?.setSize(this.size())).observe(this.place);
  }

  size() {
    return { width: this.place.clientWidth, height: this.place.clientHeight };
  }

  address(since) {
    if (since !== null) {
      return `/units/${this.unit}/hour?since=${since}`;
    }
    const mark = this.hour?.mark;
    return `/units/${this.unit}/last-hour${mark ? `?after=${mark}` : ""}`;
  }

  // Another box's, of which nothing is known yet.
  of(unit) {
    this.unit = unit;
    this.hour = null;
    this.refresh();
  }

  // What the stream tells: what is new since a mark, or only that something is. Where it does not
  // join what is here, the hub is asked.
  take(news) {
    const live = this.since === null && this.hour && this.place.checkVisibility();
    if (!live || !news.parts || !this.joins(news)) {
      this.again = this.busy; // an answer that is under way may be older
      this.refresh();
    } else if (this.lacks(news)) {
      this.put(news);
    }
  }

  joins({ after }) {
    return ofOneHub(after, this.hour.mark) && markNumber(after) <= markNumber(this.hour.mark);
  }

  // The stream may have been faster than an answer.
  lacks({ mark }) {
    return !this.hour?.mark || !ofOneHub(mark, this.hour.mark) || markNumber(mark) > markNumber(this.hour.mark);
  }

  put(told) {
    const { parts, t0, n, ...others } = told;
    if (parts) {
      this.seconds.moved(t0, n);
      parts.forEach((part) => this.seconds.put(part));
      this.hour = { ...this.hour, ...others };
    } else {
      this.seconds = new Seconds(told);
      this.hour = told;
    }
    this.draw();
  }

  // At the hour from `since` on; null: at the one that runs.
  async lookBack(since) {
    this.since = since;
    this.toNow.hidden = since === null;
    await this.refresh();
    this.place.scrollIntoView({ block: "nearest" });
  }

  async refresh() {
    // of a closed card nobody sees it
    if (this.busy || !this.place.checkVisibility()) {
      return;
    }
    this.busy = true;
    const { since, unit } = this;
    try {
      const answer = await fetch(this.address(since));
      const told = answer.ok ? await answer.json() : null;
      if (told && since === this.since && unit === this.unit) {
        // what is new of an hour that is here no more is of no use
        if (told.parts ? this.hour?.mark && this.joins(told) && this.lacks(told) : !told.mark || this.lacks(told)) {
          this.put(told);
        }
      }
    } catch {
      // the stream says when the hub is away, and asks for the curve again when it is back
    } finally {
      this.busy = false;
    }
    if (this.again || since !== this.since || unit !== this.unit) {
      this.again = false;
      await this.refresh(); // more was told meanwhile, or somebody looked elsewhere
    }
  }

  // In the colours that hold now.
  redraw() {
    this.plot?.destroy();
    this.plot = null;
    if (this.hour) {
      this.draw();
    }
  }

  draw() {
    const { utc_offset, limit, span } = this.hour;
    const { level, voice, t0 } = this.seconds;
    if (this.span.textContent !== span) {
      this.span.textContent = span;
    }
    if (level.length === 0) {
      return;
    }
    // shown as the box's local time: shifted here, printed as UTC
    const shift = utc_offset * 3600;
    const times = level.map((_, i) => t0 + i + shift);
    this.invalid = this.seconds.stretches().map(([from, to, reason]) => [from + shift, to + shift, reason]);
    this.limits = limits(t0, level.length, limit);
    const data = [times, level, voice, this.limits];
    if (this.plot) {
      this.plot.setData(data);
    } else {
      this.hatches = new Map();
      this.place.dataset.drawn = "yes"; // it takes its room
      this.plot = new uPlot(this.options(), data, this.place);
    }
  }

  options() {
    const grid = { stroke: ink("grid"), width: 1 };
    const axis = { stroke: ink("quiet-text"), grid, ticks: { show: false } };
    const line = { width: 1.5, spanGaps: false, points: { show: false } };
    return {
      ...this.size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (_, first, last) => [first, Math.max(last, first + SHORTEST)] },
        y: { range: (_, low, high) => range(low, high) },
      },
      axes: [
        { ...axis, space: 60, size: 28, incrs: WHOLE_MINUTES, values: (_, ticks) => ticks.map(hourAndMinute) },
        { ...axis, size: 40, space: 28 },
      ],
      series: [
        {},
        { ...line, stroke: ink("level") },
        // a few seconds of an hour: dots, or nobody would see them
        { ...line, stroke: ink("voice"), points: { show: true, size: 3, width: 0, fill: ink("voice") } },
        { ...line, stroke: ink("red"), width: 2, dash: [8, 5] },
      ],
      hooks: {
        drawAxes: [(plot) => this.bands(plot)],
        draw: [(plot) => this.numbers(plot)],
      },
    };
  }

  // Each limit stands over the beginning of its line, where there is room for it.
  numbers(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.font = `600 ${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.lineWidth = 3 * devicePixelRatio;
    ctx.lineJoin = "round";
    ctx.textAlign = "left";
    ctx.strokeStyle = ink("card");
    ctx.fillStyle = ink("red");
    let free = bbox.left;
    this.limits.forEach((limit, i) => {
      if (limit === null || limit === this.limits[i - 1]) {
        return;
      }
      const width = ctx.measureText(String(limit)).width;
      const left = Math.min(plot.valToPos(plot.data[0][i], "x", true), bbox.left + bbox.width - width);
      if (left < free) {
        return;
      }
      const y = plot.valToPos(limit, "y", true) - 5 * devicePixelRatio;
      ctx.strokeText(String(limit), left, y);
      ctx.fillText(String(limit), left, y);
      free = left + 1.5 * width;
    });
    ctx.restore();
  }

  bands(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    for (const [from, to, reason] of this.invalid) {
      const left = plot.valToPos(from, "x", true);
      // one bad second must stay visible in an hour
      const width = Math.max(plot.valToPos(to, "x", true) - left, 2 * devicePixelRatio);
      ctx.fillStyle = this.hatch(ctx, reason);
      ctx.fillRect(left, bbox.top, width, bbox.height);
    }
    ctx.restore();
  }

  hatch(ctx, reason) {
    const kind = { "own voice": "voice", "not received": "missing" }[reason] ?? "invalid";
    if (!this.hatches.has(kind)) {
      this.hatches.set(kind, hatch(ctx, kind));
    }
    return this.hatches.get(kind);
  }
}

// A mark: of which hub process, and how far that had come.
function ofOneHub(one, other) {
  return one.split(".")[0] === other.split(".")[0];
}

function markNumber(mark) {
  return Number(mark.split(".")[1]);
}

function limits(t0, n, limit) {
  let step = -1;
  return Array.from({ length: n }, (_, i) => {
    while (step + 1 < limit.length && limit[step + 1][0] <= t0 + i) {
      step++;
    }
    return step < 0 ? null : limit[step][1] / 10;
  });
}

function range(low, high) {
  const bottom = Math.floor((low ?? LOWEST_DB) / 10) * 10;
  const top = Math.ceil((high ?? HIGHEST_DB) / 10) * 10;
  return [Math.min(LOWEST_DB, bottom), Math.max(HIGHEST_DB, top)];
}

function hourAndMinute(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 16);
}

// Stripes up for the own voice, stripes down for other reasons, dots for what has not arrived.
function hatch(ctx, kind) {
  const [line, ground] = [ink(`${kind}-lines`), ink(`${kind}-ground`)];
  const size = (kind === "missing" ? 5 : 8) * devicePixelRatio;
  const tile = document.createElement("canvas");
  tile.width = tile.height = Math.round(size);
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = pen.fillStyle = line;
  pen.lineWidth = 1.5 * devicePixelRatio;
  pen.beginPath();
  if (kind === "missing") {
    pen.arc(size / 2, size / 2, devicePixelRatio, 0, 2 * Math.PI);
    pen.fill();
    return ctx.createPattern(tile, "repeat");
  }
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, kind === "voice" ? size : 0);
    pen.lineTo(shift + size, kind === "voice" ? 0 : size);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat");
}
