// Leaving a form that saves itself (autosave.js): whatever takes it away waits until it is saved, or has to ask.

import { currentForm, isUnsaved, save } from "./autosave.js";

// What would replace the form waits until it is saved; what removes it (`data-drops-form`) goes on whatever comes of that.
document.addEventListener("htmx:confirm", (event) => {
  const form = currentForm();
  const { elt, target, issueRequest } = event.detail;
  if (!form || target?.id !== "centre" || !isUnsaved(form)) return;
  event.preventDefault();
  save(form).then((saved) => {
    if (saved || elt.hasAttribute("data-drops-form")) issueRequest(true);
    else document.dispatchEvent(new CustomEvent("form-stays"));
  });
});

// So do links to other pages. After a failure they go at once, and the browser asks.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]:not([hx-get], [target])");
  const form = currentForm();
  if (!link || !form || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const staysHere = link.pathname === location.pathname && link.search === location.search && link.hash;
  if (staysHere || form.dataset.failed || !isUnsaved(form)) return;
  event.preventDefault();
  save(form).then((saved) => saved && location.assign(link.href));
});

addEventListener("beforeunload", (event) => {
  const form = currentForm();
  if (form && isUnsaved(form)) event.preventDefault();
});
