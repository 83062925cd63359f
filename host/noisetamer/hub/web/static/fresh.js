// Keeps the parts of a page fresh whose class says so: asked for again when the hub says that
// something is new, and put in place where nobody is busy in them.
"use strict";

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

for (const part of document.querySelectorAll(".fresh")) {
  part.dataset.told = part.innerHTML;
}
new Stream(document.body.dataset.stream, {
  takes: { changed: refreshParts, curve: () => fresh.onCurve?.() },
  opened: () => {
    refreshParts();
    fresh.onCurve?.();
  },
});
