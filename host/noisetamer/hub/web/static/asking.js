// Asks something of the hub, and says in words what it answers when it does not do it.
"use strict";

// body: what becomes JSON, a Blob or a form; null: without one. Returns the answer's JSON; throws an Error
// whose message is for people.
async function ask(path, body, failed) {
  const headers = { "X-CSRF": document.body.dataset.csrf };
  let sent = body;
  if (body !== null && !(body instanceof Blob || body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    sent = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers, body: sent });
  } catch {
    throw new Error(failed);
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error(typeof told.detail === "string" ? told.detail : failed);
  }
  return told;
}
