// Links that show what they lead to in a dialog (`data-in-dialog="id"`). Without script, and when the server does not
// answer with a form, the link is followed.

import { putBack } from "./typed-text.js";

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-in-dialog]");
  const dialog = link && document.getElementById(link.dataset.inDialog);
  if (!dialog || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const html = await part(link.href);
  if (!html) return location.assign(link.href);
  dialog.innerHTML = html; // the server's own template
  putBack(dialog);
  if (!dialog.open) dialog.showModal();
  // Not on the cross in the corner, which comes first.
  dialog.querySelector("input:checked, input:not([type=hidden]), textarea")?.focus();
});

async function part(address) {
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    return answer.ok && !answer.redirected ? await answer.text() : "";
  } catch {
    return "";
  }
}
