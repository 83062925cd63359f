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
    const told = await ask(`${location.pathname}/try`, null, button.dataset.failed);
    answer.textContent = told.detail;
    if (told.picture) {
      picture.src = told.picture;
      picture.hidden = false;
    }
  } catch (error) {
    answer.textContent = error.message;
  } finally {
    button.disabled = false;
  }
});
