// The page as it is now, again and again; without scripts it is as it was when it was opened.
"use strict";

const EVERY_MS = 10000;

async function renew() {
  const main = document.querySelector("main");
  if (document.hidden || main.contains(document.activeElement)) {
    return; // nobody looks, or a finger is on a button: nothing moves under it
  }
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    main.replaceWith(page.querySelector("main"));
  }
}

setInterval(renew, EVERY_MS);
