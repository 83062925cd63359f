// The curves of one incident, with the stages that its boxes went to.
"use strict";

const CURVE_AGE_MS = 5000;

class IncidentCurve extends Curve {
  address() {
    return `/incidents/${document.body.dataset.incident}/curve/${this.unit}`;
  }

  options() {
    const options = super.options();
    options.hooks.draw.push((plot) => this.marks(plot));
    return options;
  }

  // A line where a stage began, with its name, as long as there is room for it.
  marks(plot) {
    const { ctx, bbox } = plot;
    const shift = this.hour.utc_offset * 3600;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([]);
    let free = bbox.left;
    for (const [t, stage, name] of this.hour.marks) {
      const x = plot.valToPos(t + shift, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) {
        continue;
      }
      const colour = ink(stage === "green" ? "green" : stage === "amber" ? "amber" : "red");
      ctx.strokeStyle = ctx.fillStyle = colour;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const width = ctx.measureText(name).width + 6 * devicePixelRatio;
      if (x >= free && x + width <= bbox.left + bbox.width) {
        const top = bbox.top + 2 * devicePixelRatio;
        ctx.fillStyle = ink("card");
        ctx.fillRect(x + devicePixelRatio, top, width, 14 * devicePixelRatio);
        ctx.fillStyle = colour;
        ctx.fillText(name, x + 4 * devicePixelRatio, top);
        free = x + width;
      }
    }
    ctx.restore();
  }
}

const curves = [...document.querySelectorAll(".hour")].map(
  (section) => new IncidentCurve(section, section.dataset.unit));

function drawCurves() {
  for (const curve of curves) {
    curve.refresh();
  }
}

let drawnAt = 0;
fresh.onCurve = () => {
  if (Date.now() - drawnAt >= CURVE_AGE_MS) {
    drawnAt = Date.now();
    drawCurves();
  }
};
drawCurves();

// In the colours that hold now: night and day, and paper.
for (const query of ["(prefers-color-scheme: dark)", "print"]) {
  matchMedia(query).addEventListener("change", () => {
    for (const curve of curves) {
      curve.redraw();
    }
  });
}
