// The page as it is now, again and again; without scripts it is as it was when it was opened.
"use strict";

const EVERY_MS = 10000;

let asking = false;

async function renew() {
  const main = document.querySelector("main");
  const busy = () => document.hidden || main.contains(document.activeElement);
  if (asking || busy()) {
    return; // nobody looks, or a finger is on a button: nothing moves under it
  }
  asking = true;
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("main");
    if (answer.ok && now && !busy()) {
      main.replaceWith(now);
    }
  } catch {
    // the next time, then
  } finally {
    asking = false;
  }
}

setInterval(renew, EVERY_MS);
