// What the page does not need, and a meeting does: it prints itself.
"use strict";

const button = document.querySelector(".print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
