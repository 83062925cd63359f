// Rings when a push comes, also while no page of the hub is open; and has the pages of a round when
// there is no network.
"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const said = event.data.json();
  event.waitUntil(self.registration.showNotification(said.title, {
    body: said.body,
    tag: said.id,
    requireInteraction: said.rings,
    vibrate: said.rings ? [400, 200, 400, 200, 400] : [],
    actions: said.link && said.act ? [{ action: "act", title: said.act }] : [],
    data: said,
  }));
});

self.addEventListener("notificationclick", (event) => {
  const said = event.notification.data;
  event.notification.close();
  if (!said.link) {
    return;
  }
  // what was not done shows on the page
  event.waitUntil(event.action === "act"
    ? fetch(said.link, { method: "POST" }).then((answer) => answer.ok || self.clients.openWindow(said.link))
    : self.clients.openWindow(said.link));
});

// What the pages of a round have kept (patrol.js, patrol-code.js); nothing else is ever answered
// from memory.
const SHELL = "patrol";
const PATIENCE_MS = 4000;

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) {
    return;
  }
  if (event.request.mode === "navigate") {
    if (/^\/patrol(\/\d+)?$/.test(pathname)) {
      event.respondWith(orKept(event.request, "/patrol")); // one page for all points
    } else if (/^\/patrol\/code\/\d+$/.test(pathname)) {
      event.respondWith(orKept(event.request, pathname));
    }
  } else if (pathname.startsWith("/static/")) {
    event.respondWith(orKept(event.request, pathname));
  }
});

// The hub's answer; where it does not come, what was kept; without that, the hub's, however late.
async function orKept(request, name) {
  const answer = fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const first = await Promise.race([answer.catch(() => null), late]);
  return first ?? (await caches.match(name, { cacheName: SHELL, ignoreVary: true })) ?? answer;
}
