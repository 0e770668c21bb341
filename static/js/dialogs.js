// Dialogs. `data-opens="id"` opens one, `data-closes` inside it closes it, `data-open-on-load` is open from the start.
// Openers are links to "#id": without script the dialog shows in the page as the target of the link.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const closer = event.target.closest("[data-closes]");
  const open = closer?.closest("dialog[open]");
  if (open) {
    event.preventDefault();
    open.close();
  }
});

function openWaiting() {
  document.querySelector("dialog[data-open-on-load]:not([open])")?.showModal();
}

// The address of such a page names the dialog, for browsers without script; once loaded, that takes focus to it.
addEventListener("load", () => document.querySelector("dialog[open] [aria-invalid]")?.focus());

openWaiting();
document.addEventListener("htmx:load", openWaiting);
