// The screen of a point: digits and a code that change each minute, made of the key in the address;
// no network is needed. As `digits_of` of the firmware makes them.
import { generate } from "/static/vendor/lean-qr/index.mjs";

const SHELL = "patrol";
const point = document.body.dataset.point;
const told = new URLSearchParams(location.hash.slice(1));
const shown = document.querySelector(".shown");
const canvas = document.querySelector("canvas");
const progress = document.querySelector("progress");
const fault = document.querySelector(".fault");
let ahead = Number(localStorage.getItem("patrol.ahead") ?? 0); // of this clock before the hub's, s
let drawn = 0;

document.querySelector(".name").textContent = told.get("name") ?? "";
document.querySelector(".switch").hash = location.hash; // the other language has the key too
if (!told.get("key")) {
  complain(fault.dataset.noKey);
} else if (!isSecureContext) {
  complain(fault.dataset.notSecure);
} else {
  const raw = new TextEncoder().encode(told.get("key"));
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await draw(key);
  setInterval(() => draw(key), 500);
  keepPage();
  setRight();
  setInterval(setRight, 600000);
  navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      navigator.wakeLock?.request("screen").catch(() => {});
    }
  });
}

async function draw(key) {
  const now = Date.now() / 1000 - ahead;
  const minute = Math.floor(now / 60);
  progress.value = 60 - (now % 60);
  if (minute === drawn) {
    return;
  }
  drawn = minute;
  const message = new TextEncoder().encode(`patrol in minute ${minute}`);
  const made = new DataView(await crypto.subtle.sign("HMAC", key, message));
  shown.textContent = String(made.getUint32(0) % 10000).padStart(4, "0");
  generate(`${location.origin}/patrol/${point}?code=${shown.textContent}`).toCanvas(canvas, { pad: 4 });
  canvas.hidden = progress.hidden = false;
}

// By the hub's clock, as long as there is a network; then as far off as it was last.
async function setRight() {
  try {
    const began = Date.now();
    const { now } = await (await fetch("/patrol/time")).json();
    ahead = (began + Date.now()) / 2000 - now;
    localStorage.setItem("patrol.ahead", String(ahead));
  } catch {
    // as before
  }
}

async function keepPage() {
  try {
    await navigator.serviceWorker.register("/service-worker.js");
    await navigator.serviceWorker.ready;
    const files = [...document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=icon]")];
    const cache = await caches.open(SHELL);
    await cache.addAll([location.pathname, "/static/vendor/lean-qr/index.mjs", ...files.map((one) => one.src || one.href)]);
  } catch {
    // without it, it needs the network when it is opened
  }
}

function complain(text) {
  fault.textContent = text;
  fault.hidden = false;
}
