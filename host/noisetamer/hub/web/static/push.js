// One button: this browser rings from now on. Where it cannot, it says why.
"use strict";

for (const button of document.querySelectorAll("[data-push]")) {
  const words = JSON.parse(button.dataset.words);
  const answer = button.parentElement.querySelector(".answer");
  const reason = cannot();
  if (reason) {
    button.disabled = true;
    answer.textContent = words[reason];
    continue;
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await subscribe(button.dataset.push || "/push", words);
      location.reload();
    } catch (error) {
      answer.textContent = error.message;
      button.disabled = false;
    }
  });
}

function cannot() {
  if (!isSecureContext) {
    return "insecure";
  }
  const apple = /iPhone|iPad/.test(navigator.userAgent);
  if (apple && !navigator.standalone) {
    return "home_screen";
  }
  return "serviceWorker" in navigator && "PushManager" in window ? "" : "unable";
}

// where: the address whose /key and /subscribe are asked.
async function subscribe(where, words) {
  if ((await Notification.requestPermission()) !== "granted") {
    throw new Error(words.denied);
  }
  const { key } = await (await fetch(`${where}/key`)).json();
  const registration = await navigator.serviceWorker.register("/service-worker.js");
  await navigator.serviceWorker.ready;
  let subscription;
  try {
    subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  } catch {
    throw new Error(words.no_service);
  }
  await ask(`${where}/subscribe`, subscription.toJSON(), words.failed);
}
