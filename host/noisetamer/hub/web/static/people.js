"use strict";

// A password is typed once: who wants to see what was typed, can.
for (const show of document.querySelectorAll(".show-password")) {
  const password = show.form.querySelector(".password");
  show.closest("label").hidden = false;
  show.addEventListener("change", () => { password.type = show.checked ? "text" : "password"; });
}

// A link for one login is followed by a person: no need to press as well.
document.querySelector("form.at-once")?.submit();

// All squares, or these: whoever chooses one does not mean the other.
for (const all of document.querySelectorAll("[name=everywhere]")) {
  const some = [...all.form.querySelectorAll("[name=squares]")];
  all.addEventListener("change", () => {
    if (all.checked) for (const one of some) one.checked = false;
  });
  for (const one of some) {
    one.addEventListener("change", () => { if (one.checked) all.checked = false; });
  }
}
