// A hand that reaches into one square: what is asked for is seen at once, and then what the box
// made of it.
"use strict";

const words = JSON.parse(document.body.dataset.words);
const here = `/step-in/${document.body.dataset.square}`;

// --- who asks, and why

const other = document.querySelector(".why .other");
for (const choice of document.querySelectorAll("[name=reason]")) {
  choice.addEventListener("change", () => {
    other.hidden = choice.value !== "";
    if (!other.hidden) {
      other.focus();
    }
  });
}

function reason() {
  return document.querySelector("[name=reason]:checked").value || other.value.trim();
}

function unit() {
  return document.querySelector("[name=unit]")?.value ?? "";
}

// --- asking

async function give(path, body, why = reason()) {
  if (!why) {
    say(words.now_reason, "refused");
    other.hidden = false;
    other.focus();
    return;
  }
  say(words.now_asked, "given");
  const into = body instanceof Blob ? `${path}?${new URLSearchParams({ reason: why, unit: unit() })}` : path;
  try {
    const rows = await ask(into, body instanceof Blob ? body : { ...body, reason: why, unit: unit() }, words.now_failed);
    showAll(rows);
  } catch (error) {
    say(error.message, "refused");
  }
}

function order(verb, fields, why) {
  return give(`${here}/orders`, { verb, fields }, why);
}

for (const button of document.querySelectorAll("[data-verb]")) {
  button.addEventListener("click", () => {
    const { verb, seconds, sure } = button.dataset;
    if (sure && !confirm(sure)) {
      return;
    }
    const fields = {};
    if (verb === "spotlight") {
      fields.state = Number(seconds) ? "on" : "auto";
    }
    if (seconds !== undefined) {
      fields.for = Number(seconds);
    }
    order(verb, fields);
  });
}

for (const button of document.querySelectorAll(".message")) {
  button.addEventListener("click", () => order("say", { message: button.dataset.message }));
}

document.querySelector(".mute")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  order("mute", { for: 60 * Number(form.minutes.value) }, form.why.value.trim());
});

const volume = document.querySelector("form.volume");
if (volume) {
  const shown = volume.querySelector("output");
  volume.volume.addEventListener("input", () => {
    shown.textContent = `${volume.volume.value} dB`;
  });
  volume.querySelector(".as-rules").addEventListener("click", () => order("volume", { offset: 0, for: 0 }));
  volume.addEventListener("submit", (event) => {
    event.preventDefault();
    order("volume", { offset: Number(volume.volume.value), for: 60 * Number(volume.minutes.value) });
  });
}

// --- listening

const player = new Audio();
for (const button of document.querySelectorAll("[data-listen]")) {
  button.addEventListener("click", () => play(button.dataset.listen));
}

function play(path) {
  player.src = path;
  player.play().catch(() => say(words.now_failed, "refused"));
}

// --- typed

const typed = document.querySelector(".typed");
if (typed) {
  let draft = null; // what was listened to
  const heard = typed.querySelector(".heard");
  const made = async () => {
    const text = typed.text.value.trim();
    if (draft?.of !== text) {
      draft = { of: text, ...(await ask(`${here}/sentence`, { text }, words.now_failed)) };
      heard.hidden = false;
      heard.textContent = words.now_heard.replace("{length}", draft.length.toFixed(1));
    }
    return draft;
  };
  typed.text.addEventListener("input", () => {
    heard.hidden = true;
    draft = null;
  });
  typed.querySelector(".hear").addEventListener("click", async () => {
    say(words.now_speaking, "given");
    try {
      const { id } = await made();
      answer.hidden = true;
      play(`${here}/sentence/${id}.wav`);
    } catch (error) {
      say(error.message, "refused");
    }
  });
  typed.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(words.now_speaking, "given");
    try {
      await give(`${here}/sentence/${(await made()).id}`, {});
    } catch (error) {
      say(error.message, "refused");
    }
  });
}

// --- held

const hold = document.querySelector(".hold");
if (hold) {
  const label = hold.querySelector(".hold-words");
  const rest = label.textContent;
  document.querySelector(".insecure").hidden = window.isSecureContext;
  const told = (state, detail) => {
    label.textContent = state === "recording" ? words.now_left.replace("{seconds}", Math.ceil(detail)) : rest;
    if (state === "recording") {
      answer.hidden = true;
    } else if (state === "refused") {
      say(words[`now_microphone_${detail}`], "refused");
    } else if (state !== "ended") {
      say(words[`now_talk_${state}`], state === "dropped" || state === "short" ? "refused" : "given");
    }
  };
  new Talk(hold, Number(hold.dataset.longest), told, (recording) => give(`${here}/talk`, recording));
}

// --- the square

function card(told) {
  const place = document.querySelector(`[data-unit="${told.id}"]`);
  if (!place) {
    return;
  }
  place.dataset.look = told.look;
  for (const field of place.querySelectorAll("[data-field]")) {
    const name = field.dataset.field;
    if (name === "shape") {
      field.setAttribute("href", `#sign-${told.shape}`);
    } else if (field.textContent !== told[name]) {
      field.textContent = told[name];
    }
  }
}

// A number that is not known to be so is none.
function unknown() {
  for (const { dataset } of document.querySelectorAll("[data-unit]")) {
    const nothing = { limit: "", difference: "", note: "" };
    card({ ...nothing, id: dataset.unit, look: "unknown", shape: "unknown", number: "--", stage: document.body.dataset.unknown });
  }
}

new Stream(`${here}/events`, { takes: { order: show, card }, lost: unknown });
