// Alt+↑ and Alt+↓ move what has focus within `[data-place]`, by its own buttons. In a list of choices these keys open it.
document.addEventListener("keydown", (event) => {
  const way = event.altKey && !event.ctrlKey && { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!way || event.target.matches?.("select")) return;
  const button = event.target.closest?.("[data-place]")?.querySelector(`:scope > :is(header, .inline) [data-moves-place="${way}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
