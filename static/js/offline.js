// Lets the browser keep this text for reading without a network; see offline-worker.js. Without script, or without
// service workers, nothing is kept.
const keepsThis = document.querySelector("[data-offline-note]");

if (keepsThis && "serviceWorker" in navigator) {
  const wasControlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.register("/sw.js").then(async () => {
    const { active } = await navigator.serviceWorker.ready;
    const resources = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
    const assets = resources.filter((url) => url.origin === location.origin).map((url) => url.pathname);
    if (!wasControlled) active.postMessage({ keep: true, address: location.pathname, assets });
  }, () => {}); // refused by the browser's settings: then without
}
