// A page's line to the hub: what it tells, as it tells it, and a plain sign when it tells nothing.
"use strict";

const SILENCE_MS = 7000; // the hub gives a sign of life every 2 s
const AGAIN_MS = 1000;

class Stream {
  // takes: {event: what to do with its data}; opened: after each connection; there: at each sign of
  // life; lost: when there is none, or the line broke and is not there again at once: some proxies
  // cut it every minute
  constructor(address, { takes, opened, there, lost }) {
    this.address = address;
    this.takes = { alive: null, ...takes };
    this.opened = opened;
    this.there = there;
    this.lost = lost;
    this.listen();
  }

  listen() {
    this.source?.close();
    this.heard = false;
    this.source = new EventSource(this.address);
    this.source.addEventListener("open", () => {
      this.alive();
      this.opened?.();
    });
    for (const [name, take] of Object.entries(this.takes)) {
      this.source.addEventListener(name, (event) => {
        this.alive();
        take?.(JSON.parse(event.data));
      });
    }
    // the hub wants to see who asks, now and then
    this.source.addEventListener("again", () => this.listen());
    this.source.addEventListener("error", () => (this.heard ? this.soon() : this.gone()));
    this.wait(SILENCE_MS, () => this.gone());
  }

  alive() {
    this.heard = true;
    this.wait(SILENCE_MS, () => this.gone());
    this.connected(true);
    this.there?.();
  }

  soon() {
    this.source.close();
    this.wait(AGAIN_MS, () => this.listen());
  }

  gone() {
    this.soon();
    this.connected(false);
    this.lost?.();
  }

  wait(ms, then) {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(then, ms);
  }

  connected(yes) {
    document.body.dataset.connected = yes ? "yes" : "no";
    for (const sign of document.querySelectorAll(".lost")) {
      sign.hidden = yes;
    }
  }
}
