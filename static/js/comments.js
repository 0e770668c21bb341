// The panel of comments. A comment that is being written (`[data-unsent]`) outlives everything that draws the panel
// anew, and whoever leaves the page is asked.

const panel = () => document.getElementById("panel-comments");
const unsent = () => [...panel().querySelectorAll("[data-unsent]")].filter((area) => area.value.trim());
let kept = [];

// The server draws the panel for the step that is open.
document.addEventListener("htmx:configRequest", (event) => {
  if (panel().contains(event.detail.elt)) event.detail.parameters.open = document.getElementById("open-step").value;
});

// Opening another step would take the comment away, or put it on the wrong step: then the panel waits.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target === panel() && unsent().length) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== panel() || event.detail.xhr.status >= 400) return;
  const sent = event.detail.requestConfig.elt;
  kept = unsent().filter((area) => !sent.contains(area)).map((area) => [area.id, area.value]);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target !== panel()) return;
  for (const [id, value] of kept) {
    const area = document.getElementById(id);
    if (!area) continue;
    area.value = value;
    const fold = area.closest("details");
    if (fold) fold.open = true;
  }
  kept = [];
  if (!document.activeElement || document.activeElement === document.body) panel().focus({ preventScroll: true });
});

addEventListener("beforeunload", (event) => {
  if (unsent().length) event.preventDefault();
});
