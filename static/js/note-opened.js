// Tells the server when a result of a search is opened, so that searches that led nowhere can be told from the others.
// `[data-noted]` holds the address for the search that is shown; only whether something was opened is sent, not what.

function tell(opened) {
  const address = document.querySelector("[data-noted]")?.dataset.noted;
  if (!address) return;
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  fetch(address, { method: "POST", body: new URLSearchParams({ opened }), headers, keepalive: true }).catch(() => {});
}

function noteOpened(event) {
  if (event.button < 2 && event.target.closest("[data-results] a")) tell("1");
}

document.addEventListener("click", noteOpened);
document.addEventListener("auxclick", noteOpened); // the middle button opens another tab
tell("0");
