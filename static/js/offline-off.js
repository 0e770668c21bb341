// In place of offline-worker.js where offline reading is off: takes away what was kept, and then itself.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("sopdesk-")).map((name) => caches.delete(name)));
  await self.registration.unregister();
}
