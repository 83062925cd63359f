// The seconds of a curve, each with its level, what is heard of the box itself, and why it does
// not count; what the hub tells anew is put among them.
"use strict";

class Seconds {
  constructor({ t0, LAeq, ...told }) {
    this.t0 = t0;
    this.level = Array(LAeq.length).fill(null);
    this.voice = [...this.level];
    this.reason = [...this.level];
    this.put({ t0, LAeq, ...told });
  }

  // levels come in 0.1 dB
  put({ t0, LAeq, invalid, own_voice }) {
    const at = t0 - this.t0;
    LAeq.forEach((level, i) => {
      this.level[at + i] = decibels(level);
      this.voice[at + i] = this.reason[at + i] = null;
    });
    for (const [from, to, reason] of invalid) {
      this.reason.fill(reason, from - this.t0, to - this.t0);
    }
    for (const [from, heard] of own_voice) {
      heard.forEach((level, i) => (this.voice[from - this.t0 + i] = decibels(level)));
    }
  }

  // From now on they are the n from t0 on: of those that come in, the hub tells what they are.
  moved(t0, n) {
    for (const name of ["level", "voice", "reason"]) {
      const before = this[name];
      this[name] = Array.from({ length: n }, (_, i) => before[t0 + i - this.t0] ?? null);
    }
    this.t0 = t0;
  }

  // [from, to, reason] of each stretch that does not count
  stretches() {
    const found = [];
    this.reason.forEach((reason, i) => {
      if (reason === null) {
        return;
      }
      if (i > 0 && this.reason[i - 1] === reason) {
        found.at(-1)[1]++;
      } else {
        found.push([this.t0 + i, this.t0 + i + 1, reason]);
      }
    });
    return found;
  }
}

function decibels(tenths) {
  return tenths === null ? null : tenths / 10;
}
