// What the hub tells, as it tells it, and a plain sign when it tells nothing.
"use strict";

const SILENCE_MS = 7000; // the hub gives a sign of life every 2 s

class Stream {
  // takes: {event: what to do with its data}; opened: after each connection; lost: when there is none
  constructor(address, { takes, opened, lost }) {
    this.address = address;
    this.takes = { alive: null, hub: ({ troubles }) => tell(document.querySelector(".troubles"), troubles), ...takes };
    this.opened = opened;
    this.lost = lost;
    this.listen();
  }

  listen() {
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
    this.source.addEventListener("again", () => {
      this.source.close();
      this.listen();
    });
    this.source.addEventListener("error", () => this.gone());
    this.wait(SILENCE_MS, () => this.gone());
  }

  alive() {
    this.connected(true);
    this.wait(SILENCE_MS, () => this.gone());
  }

  gone() {
    this.connected(false);
    this.source.close();
    this.wait(1000, () => this.listen());
  }

  wait(ms, then) {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(then, ms);
  }

  connected(yes) {
    document.body.dataset.connected = yes ? "yes" : "no";
    document.querySelector(".lost").hidden = yes;
    if (!yes) {
      document.title = document.body.dataset.page;
      this.lost();
    }
  }
}

// The line that says how all stands, and the page's title.
function summarise({ look, over, text, unknown }) {
  const place = document.querySelector(".summary");
  if (!place.querySelector(".text")) {
    return;
  }
  place.dataset.look = look;
  place.querySelector("use").setAttribute("href", `#sign-${look}`);
  write(place.querySelector(".text"), text);
  write(place.querySelector(".unknown"), unknown);
  const { page } = document.body.dataset;
  document.title = over ? `(${over}) ${page}` : page;
}

function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function tell(list, news) {
  const told = JSON.stringify(news);
  if (list.dataset.told !== told) {
    list.dataset.told = told;
    list.replaceChildren(...news.map((text) => words("li", text)));
  }
}

function words(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
