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
    this.hour = null;
    this.busy = false;
    this.since = null;
    this.toNow = section.querySelector(".to-now");
    this.toNow.addEventListener("click", () => this.lookBack(null));
    new ResizeObserver(() => this.place.clientWidth && this.plot?.setSize(this.size())).observe(this.place);
  }

  size() {
    return { width: this.place.clientWidth, height: this.place.clientHeight };
  }

  address(since) {
    return `/units/${this.unit}/${since === null ? "last-hour" : `hour?since=${since}`}`;
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
    const since = this.since;
    try {
      const answer = await fetch(this.address(since));
      if (answer.ok) {
        this.hour = await answer.json();
        this.draw();
      }
    } catch {
      // the stream says when the hub is away, and asks for the curve again when it is back
    } finally {
      this.busy = false;
    }
    if (since !== this.since) {
      await this.refresh(); // somebody looked elsewhere meanwhile
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
    const { LAeq, t0, utc_offset, invalid, own_voice, span } = this.hour;
    this.span.textContent = span;
    if (LAeq.length === 0) {
      return;
    }
    // shown as the box's local time: shifted here, printed as UTC
    const shift = utc_offset * 3600;
    const times = LAeq.map((_, i) => t0 + i + shift);
    const levels = LAeq.map(decibels);
    const voice = LAeq.map(() => null);
    for (const [from, heard] of own_voice) {
      heard.forEach((level, i) => (voice[from - t0 + i] = decibels(level)));
    }
    this.invalid = invalid.map(([from, to, reason]) => [from + shift, to + shift, reason]);
    this.limits = limits(this.hour);
    const data = [times, levels, voice, this.limits];
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

function decibels(tenths) {
  return tenths === null ? null : tenths / 10;
}

function limits({ t0, LAeq, limit }) {
  let step = -1;
  return LAeq.map((_, i) => {
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
