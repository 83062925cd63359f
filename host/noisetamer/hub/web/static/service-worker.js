// Rings when a push comes, also while no page of the hub is open.
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
    actions: said.link ? [{ action: "act", title: said.act }] : [],
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
