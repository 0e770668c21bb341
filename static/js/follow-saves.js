// What follows a save (autosave.js) beside the form: `data-refresh="always"` is asked for anew each time (outline and
// checks), `data-refresh` only while it is looked at (the preview).

document.addEventListener("draft-saved", () => {
  for (const panel of document.querySelectorAll("[data-refresh]")) {
    if (panel.dataset.refresh === "always" || panel.checkVisibility()) window.htmx.trigger(panel, "refresh");
  }
});

// An answer about a step that is no longer open would mark the wrong one in the outline. One that comes while somebody
// presses the mouse or a finger is put off: a click counts only if it ends on what it began on.
const UNTIL_CLICK = 100; // ms from lifting a finger to the click that follows
let isPressed = false;
let putOff = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (target?.dataset?.refresh !== "always") return;
  const isStale = requestConfig.parameters.step !== document.getElementById("open-step").value;
  const isDisturbing = isPressed && requestConfig.elt === target; // asked for by nobody: not the answer to a click
  if (isStale || isDisturbing) event.detail.shouldSwap = false;
  if (isDisturbing) putOff = target;
});

function release() {
  isPressed = false;
  if (putOff?.isConnected) window.htmx.trigger(putOff, "refresh");
  putOff = null;
}

document.addEventListener("pointerdown", () => (isPressed = true), true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => setTimeout(release, UNTIL_CLICK), true);
