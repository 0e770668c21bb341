// What follows a save (autosave.js) beside the form: `data-refresh="always"` is asked for anew each time (outline and
// checks), `data-refresh` only while it is looked at (the preview).

document.addEventListener("draft-saved", () => {
  for (const panel of document.querySelectorAll("[data-refresh]")) {
    if (panel.dataset.refresh === "always" || panel.checkVisibility()) window.htmx.trigger(panel, "refresh");
  }
});

// An answer about a step that is no longer open would mark the wrong one in the outline.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (target?.dataset?.refresh !== "always") return;
  if (requestConfig.parameters.step !== document.getElementById("open-step").value) event.detail.shouldSwap = false;
});
