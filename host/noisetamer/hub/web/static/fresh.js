// Keeps the parts of a page fresh whose class says so: asked for again when the hub says that
// something is new, and put in place where nobody is busy in them.
"use strict";

const SILENT_MS = 9000; // the hub gives a sign of life every 2 s

const fresh = { busy: false, again: false, onCurve: null };

async function refreshParts() {
  if (fresh.busy) {
    fresh.again = true;
    return;
  }
  fresh.busy = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) {
      location.reload(); // logged out meanwhile
      return;
    }
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll(".fresh")) {
        const other = page.getElementById(part.id);
        if (other && other.innerHTML !== part.dataset.told && !part.contains(document.activeElement)) {
          part.dataset.told = other.innerHTML;
          part.dataset.look = other.dataset.look;
          part.replaceChildren(...other.childNodes);
        }
      }
    }
  } catch {
    // the stream says when the hub is away, and asks again when it is back
  } finally {
    fresh.busy = false;
  }
  if (fresh.again) {
    fresh.again = false;
    await refreshParts();
  }
}

let freshStream;
let freshWatchdog;

function hubIsThere(yes) {
  document.querySelector(".lost").hidden = yes;
  clearTimeout(freshWatchdog);
  freshWatchdog = setTimeout(yes ? hubIsLost : openStream, yes ? SILENT_MS : 1000);
}

function hubIsLost() {
  freshStream.close();
  hubIsThere(false);
}

function openStream() {
  freshStream = new EventSource(document.body.dataset.stream);
  const on = (name, then) => freshStream.addEventListener(name, () => {
    hubIsThere(true);
    then?.();
  });
  on("open", () => {
    refreshParts();
    fresh.onCurve?.();
  });
  on("alive");
  on("changed", refreshParts);
  on("curve", () => fresh.onCurve?.());
  freshStream.addEventListener("error", hubIsLost);
  clearTimeout(freshWatchdog);
  freshWatchdog = setTimeout(hubIsLost, SILENT_MS);
}

for (const part of document.querySelectorAll(".fresh")) {
  part.dataset.told = part.innerHTML;
}
openStream();
