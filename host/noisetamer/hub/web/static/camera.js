// "Try now": the picture of this moment, or why there is none.
"use strict";

const button = document.querySelector("#try");
const answer = document.querySelector(".answer");
const picture = document.querySelector(".tried");

button.addEventListener("click", async () => {
  button.disabled = true;
  picture.hidden = true;
  answer.textContent = button.dataset.busy;
  try {
    const response = await fetch(`${location.pathname}/try`, {
      method: "POST",
      headers: { "X-CSRF": document.body.dataset.csrf },
    });
    const told = await response.json();
    answer.textContent = told.detail;
    if (told.picture) {
      picture.src = told.picture;
      picture.hidden = false;
    }
  } catch {
    answer.textContent = button.dataset.failed;
  } finally {
    button.disabled = false;
  }
});
