// Messages: `data-dismiss` removes the message around it. The button is drawn hidden, for without script it could do nothing.

function reveal() {
  for (const button of document.querySelectorAll("[data-dismiss][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (!button) return;
  button.closest("[data-message]").remove();
  document.getElementById("main")?.focus({ preventScroll: true });
});

reveal();
document.addEventListener("htmx:load", reveal);
