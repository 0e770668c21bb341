// Keys of the list of steps. Alt+↑ and Alt+↓ move the open step, or the one whose entry in the outline has focus;
// Ctrl+Enter in the form adds a step below.

// Moves the step of an entry of the outline; the open form stays.
export function moveTo(entry, position) {
  const values = { position, open: document.getElementById("open-step").value };
  window.htmx.ajax("POST", entry.dataset.move, { source: document.getElementById("editor-bar"), swap: "none", values });
}

document.addEventListener("keydown", (event) => {
  const by = event.altKey && !event.ctrlKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by || event.target.matches?.("select")) return;
  const entry = event.target.closest?.("[data-move]");
  const button = event.target.closest?.("#centre") && document.querySelector(`[data-moves="${by < 0 ? "up" : "down"}"]`);
  if (!entry && !button) return;
  event.preventDefault();
  if (entry) moveTo(entry, Number(entry.dataset.position) + by);
  else button.click();
});

// A move to a position draws the head of the step anew, the menu closed: focus goes from its button to the menu's own.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.elt.id === "move-to-button") document.querySelector("#step-menu > summary")?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.ctrlKey || !event.target.closest?.("form[data-autosave]")) return;
  event.preventDefault();
  document.querySelector("[data-add-below]")?.click();
});
