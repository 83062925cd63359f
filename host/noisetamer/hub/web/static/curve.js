// The last hour of one unit: level, limit, and what of it is not judged.
"use strict";

const INK = {
  level: "#7cc4ff",
  limit: "#ff6257",
  text: "#a9b6c6",
  grid: "#222c3a",
  voice: ["#c79bff", "#3a2b55"],
  invalid: ["#8f9db0", "#333d4b"],
  missing: ["#7d8ca1", "#1c2531"],
};
// the least range shown, dB: a quiet hour must not look dramatic
const LOWEST_DB = 40;
const HIGHEST_DB = 80;
// a new box's curve grows from the left into this much room, s
const SHORTEST = 300;
const WHOLE_MINUTES = [60, 120, 300, 600, 900, 1800];

class Curve {
  constructor(place, unit) {
    this.place = place;
    this.unit = unit;
    this.invalid = [];
    this.plot = null;
    this.busy = false;
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(place);
  }

  size() {
    return { width: this.place.clientWidth, height: this.place.clientHeight };
  }

  async refresh() {
    if (this.busy) {
      return;
    }
    this.busy = true;
    try {
      const answer = await fetch(`/units/${this.unit}/last-hour`);
      if (answer.ok) {
        this.draw(await answer.json());
      }
    } catch {
      // the stream says when the hub is away, and asks for the curve again when it is back
    } finally {
      this.busy = false;
    }
  }

  draw(hour) {
    if (hour.LAeq.length === 0) {
      return;
    }
    // shown as the box's local time: shifted here, printed as UTC
    const shift = hour.utc_offset * 3600;
    const times = hour.LAeq.map((_, i) => hour.t0 + i + shift);
    const levels = hour.LAeq.map((level) => (level === null ? null : level / 10));
    this.invalid = hour.invalid.map(([from, to, reason]) => [from + shift, to + shift, reason]);
    const data = [times, levels, limits(hour)];
    if (this.plot) {
      this.plot.setData(data);
    } else {
      this.plot = new uPlot(this.options(), data, this.place);
    }
  }

  options() {
    const axis = { stroke: INK.text, grid: { stroke: INK.grid, width: 1 }, ticks: { show: false } };
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
        { stroke: INK.level, width: 1.5, spanGaps: false, points: { show: false } },
        { stroke: INK.limit, width: 2, dash: [8, 5], points: { show: false } },
      ],
      hooks: { drawAxes: [(plot) => this.bands(plot)] },
    };
  }

  bands(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    for (const [from, to, reason] of this.invalid) {
      const left = plot.valToPos(from, "x", true);
      // one bad second must stay visible in an hour
      const width = Math.max(plot.valToPos(to, "x", true) - left, 2 * devicePixelRatio);
      ctx.fillStyle = hatch(ctx, reason);
      ctx.fillRect(left, bbox.top, width, bbox.height);
    }
    ctx.restore();
  }
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
function hatch(ctx, reason) {
  const kind = { "own voice": "voice", "not received": "missing" }[reason] ?? "invalid";
  const [line, ground] = INK[kind];
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
