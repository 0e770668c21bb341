// After a swap that took away the control which had the focus, focus goes to what the answer marks with `data-changed`.

document.addEventListener("htmx:afterSettle", () => {
  const changed = document.querySelector("[data-changed]");
  if (changed && document.activeElement === document.body) changed.focus();
});
