// The level now, again and again while somebody looks; without this the page is whole too.

const EVERY_MS = 15_000;

async function again() {
  if (document.hidden) return;
  const address = new URL(location.href);
  address.searchParams.delete("said");
  address.hash = "";
  try {
    const answer = await fetch(address, { credentials: "omit" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [now, then] = [fresh, document].map((page) => page.getElementById("live"));
    if (now && then) then.replaceWith(document.importNode(now, true));
  } catch {
    // the next time, then
  }
}

setInterval(again, EVERY_MS);
document.addEventListener("visibilitychange", again);
