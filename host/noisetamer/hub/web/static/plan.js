// Where things stand on a picture: seen by all, moved by hand or by arrow keys by whoever may.
"use strict";

const STEP = 0.01; // of the picture, by an arrow key; five times with Shift

const marks = new Map();

class Plan {
  constructor(section) {
    this.section = section;
    this.picture = section.querySelector(".picture");
    this.answer = section.querySelector(".said");
    for (const mark of section.querySelectorAll(".mark")) {
      marks.set(mark.dataset.id, mark);
      this.put(mark, Number(mark.dataset.x), Number(mark.dataset.y));
    }
    this.move = section.querySelector(".move");
    if (this.move) {
      this.movable();
      this.uploadable();
    }
  }

  put(mark, x, y) {
    mark.dataset.x = Math.min(1, Math.max(0, x)).toFixed(4);
    mark.dataset.y = Math.min(1, Math.max(0, y)).toFixed(4);
    mark.style.left = `${100 * mark.dataset.x}%`;
    mark.dataset.side = x > 0.55 ? "left" : "right"; // its name stays on the picture
    mark.style.top = `${100 * mark.dataset.y}%`;
  }

  get moving() {
    return this.move.getAttribute("aria-pressed") === "true";
  }

  movable() {
    this.move.addEventListener("click", async () => {
      if (this.moving) {
        await this.keep();
      }
      const moving = !this.moving;
      this.move.setAttribute("aria-pressed", String(moving));
      write(this.move, moving ? this.move.dataset.done : this.move.dataset.begin);
      this.section.dataset.moving = moving ? "yes" : "no";
      if (moving) {
        write(this.answer, this.move.dataset.how);
      }
    });
    for (const mark of this.section.querySelectorAll(".mark")) {
      mark.addEventListener("click", (event) => this.moving && event.preventDefault());
      mark.addEventListener("dragstart", (event) => event.preventDefault());
      mark.addEventListener("pointerdown", (event) => {
        if (this.moving) {
          mark.setPointerCapture(event.pointerId);
          event.preventDefault();
          mark.focus();
        }
      });
      mark.addEventListener("pointermove", (event) => {
        if (this.moving && mark.hasPointerCapture(event.pointerId)) {
          const box = this.picture.getBoundingClientRect();
          this.put(mark, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
        }
      });
      mark.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        if (this.moving && by) {
          event.preventDefault();
          const step = event.shiftKey ? 5 * STEP : STEP;
          this.put(mark, Number(mark.dataset.x) + step * by[0], Number(mark.dataset.y) + step * by[1]);
        }
      });
    }
  }

  async keep() {
    const places = {};
    for (const mark of this.section.querySelectorAll(".mark")) {
      places[mark.dataset.id] = [Number(mark.dataset.x), Number(mark.dataset.y)];
    }
    try {
      await ask(this.section.dataset.layout, { places }, this.move.dataset.failed);
      write(this.answer, this.move.dataset.kept);
    } catch (error) {
      write(this.answer, error.message);
    }
  }

  uploadable() {
    const file = this.section.querySelector("input[type=file]");
    file?.addEventListener("change", () => file.files.length && this.upload(file.files[0]));
    this.section.querySelector(".remove")?.addEventListener("click", () => this.upload(new Blob([])));
  }

  async upload(picture) {
    const form = new FormData();
    form.append("picture", picture, picture.name ?? "none");
    try {
      await ask(this.section.dataset.address, form, this.move.dataset.failed);
      location.reload();
    } catch (error) {
      write(this.answer, error.message);
    }
  }
}

function lookOfMark(id, look) {
  const mark = marks.get(id);
  if (mark) {
    mark.dataset.look = look;
  }
}

for (const section of document.querySelectorAll(".plan")) {
  new Plan(section);
}
