// How far a file is that is being made; the page is asked for anew once it is there.
"use strict";

const ASK_AGAIN_MS = 700;
const said = document.getElementById("said");

async function ask() {
  try {
    const answer = await fetch(said.dataset.state);
    if (!answer.ok) {
      location.reload();
      return;
    }
    const state = await answer.json();
    if (state.ended) {
      location.reload();
      return;
    }
    if (said.textContent !== state.said) {
      said.textContent = state.said;
    }
  } catch {
    // the hub is away for a moment: asked again
  }
  setTimeout(ask, ASK_AGAIN_MS);
}
setTimeout(ask, ASK_AGAIN_MS);
