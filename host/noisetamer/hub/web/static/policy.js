// A square's policy: looked at while it is changed, tried on what was heard, sent; and messages.
"use strict";

const LOOK_MS = 500;

const said = document.body.dataset;
const here = `/policy/${said.square}`;
const text = document.querySelector(".text");
const keys = document.querySelector(".keys");
const faults = document.querySelector(".faults");
let look = 0; // which look is the newest
let due = 0;
let changed = null; // what is to be looked at yet: of the form, {} where the text itself was changed
let looking = Promise.resolve(true);

// --- change

function values() {
  return Object.fromEntries(new FormData(keys));
}

function lookSoon(at) {
  look++; // an answer that is under way is of an older text
  changed = at;
  document.querySelector(".fits").textContent = "";
  clearTimeout(due);
  due = setTimeout(lookNow, LOOK_MS);
}

function lookNow() {
  clearTimeout(due);
  if (changed) {
    looking = lookAt(changed);
    changed = null;
  }
  return looking;
}

// Once the text has what was typed last; false: the hub was not reached.
async function settled() {
  let newest, well;
  do {
    newest = lookNow();
    well = await newest;
  } while (well && (changed || newest !== looking));
  return well;
}

async function lookAt(values) {
  const mine = ++look;
  try {
    const told = await ask(`${here}/look`, { text: text.value, values }, said.failed);
    if (mine === look) {
      seen(told);
    }
    return true;
  } catch (error) {
    say(error.message, "refused");
    if (mine === look) {
      changed = values; // of the next try
    }
    return false;
  }
}

function seen(told) {
  if (text.value !== told.text) {
    text.value = told.text;
  }
  for (const field of keys.elements) {
    if (field !== document.activeElement && field.name in told.values) {
      field.value = told.values[field.name];
    }
  }
  faults.replaceChildren(...told.faults.map(faultOf));
  document.querySelector(".remarks").replaceChildren(...told.remarks.map((one) => lineOf(one)));
  document.querySelector(".fits").textContent = told.hash
    ? said.good.replace("{hash}", told.hash).replace("{size}", told.size)
    : "";
  if (told.hash) {
    document.querySelector(".week-here").innerHTML = told.week;
  }
}

function lineOf(one) {
  const item = document.createElement("li");
  item.textContent = `${said.line.replace("{line}", one.line)} ${one.key}: ${one.sentence}`;
  return item;
}

function faultOf(one) {
  const item = lineOf(one);
  const to = document.createElement("button");
  to.type = "button";
  to.textContent = "→";
  to.setAttribute("aria-label", said.line.replace("{line}", one.line));
  to.addEventListener("click", () => {
    document.querySelector(".all").open = true;
    const before = text.value.split("\n").slice(0, one.line - 1).join("\n").length + (one.line > 1 ? 1 : 0);
    const end = text.value.indexOf("\n", before);
    text.focus();
    text.setSelectionRange(before, end < 0 ? text.value.length : end);
  });
  item.prepend(to);
  return item;
}

text.addEventListener("input", () => lookSoon({}));
keys.addEventListener("input", () => lookSoon(values()));
keys.addEventListener("submit", (event) => event.preventDefault());
document.querySelector(".start").addEventListener("change", (event) => {
  if (event.target.value) {
    text.value = event.target.value;
    lookSoon({});
    lookNow();
  }
});

// --- try

document.querySelector(".backtest").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const place = document.querySelector(".backtested");
  const button = form.querySelector("button");
  place.textContent = said.working;
  button.disabled = true;
  try {
    await settled();
    const body = { text: text.value, unit: form.unit.value, days: Number(form.days.value) };
    place.innerHTML = (await ask(`${here}/backtest`, body, said.failed)).html;
  } catch (error) {
    place.textContent = error.message;
  }
  button.disabled = false;
});

// --- send

async function give(path, body) {
  say(said.asked, "given");
  try {
    showAll(await ask(path, body, said.failed));
  } catch (error) {
    say(error.message, "refused");
  }
}

document.querySelector(".send")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { reason, replaces } = event.target.elements; // replaces: where it is asked
  const others = { reason: reason.value, replaces: Boolean(replaces?.checked) };
  if (await settled()) {
    give(`${here}/send`, { text: text.value, ...others });
  }
});

// --- messages

const player = new Audio();

function play(path) {
  player.src = path;
  player.play().catch(() => say(said.failed, "refused"));
}

for (const button of document.querySelectorAll("[data-listen]")) {
  button.addEventListener("click", () => play(button.dataset.listen));
}
for (const button of document.querySelectorAll("[data-send]")) {
  button.addEventListener("click", () =>
    give(`${here}/voices/${button.dataset.send}`, { reason: button.textContent.trim() }),
  );
}

const voice = document.querySelector(".new-voice");
if (voice) {
  const steps = `${here}/sentence`;
  let draft = null;
  const made = async () => {
    if (draft?.of !== voice.text.value) {
      say(said.speaking, "given");
      draft = { of: voice.text.value, ...(await ask(steps, { text: voice.text.value }, said.failed)) };
      answer.hidden = true;
    }
    return draft.id;
  };
  voice.querySelector(".hear").addEventListener("click", async () => {
    try {
      play(`${steps}/${await made()}.wav`);
    } catch (error) {
      say(error.message, "refused");
    }
  });
  voice.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await ask(`${here}/voices`, { name: voice.elements.name.value, draft: await made() }, said.failed);
      location.reload();
    } catch (error) {
      say(error.message, "refused");
    }
  });
}

const stream = new EventSource(`/step-in/${said.square}/events`);
stream.addEventListener("order", (event) => {
  const row = JSON.parse(event.data);
  if (row.verb === "policy" || row.verb === "voice") {
    show(row);
  }
});
