// Puts what the hub tells into a page of cards.
"use strict";

// What is wrong with the hub itself.
function troubled({ troubles }) {
  tell(document.querySelector(".troubles"), troubles);
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
  entitle(over);
}

function entitle(over) {
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
