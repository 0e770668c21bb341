// Leaving forms that save themselves (autosave.js): whatever takes them away waits until they are saved, or has to ask.

import { save, unsavedForms } from "./autosave.js";

const saveAll = async (forms) => (await Promise.all(forms.map((form) => save(form)))).every(Boolean);

// The outline may have been drawn anew meanwhile, and htmx asks nothing for what has left the page: its successor does.
function goOn(elt, issueRequest) {
  if (elt.isConnected) issueRequest(true);
  else if (elt.id && document.getElementById(elt.id)) document.getElementById(elt.id).click();
  else if (elt.href) location.assign(elt.href);
}

// What would replace the form waits until it is saved; what removes it (`data-drops-form`) goes on whatever comes of that.
document.addEventListener("htmx:confirm", (event) => {
  const { elt, target, issueRequest } = event.detail;
  const forms = target?.id === "centre" ? unsavedForms() : [];
  if (!forms.length) return;
  event.preventDefault();
  saveAll(forms).then((saved) => {
    if (saved || elt.hasAttribute("data-drops-form")) goOn(elt, issueRequest);
    else document.dispatchEvent(new CustomEvent("form-stays"));
  });
});

// So do links to other pages. After a failure they go at once, and the browser asks.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]:not([hx-get], [target])");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const staysHere = link.pathname === location.pathname && link.search === location.search && link.hash;
  const forms = unsavedForms();
  if (staysHere || !forms.length || forms.some((form) => form.dataset.failed)) return;
  event.preventDefault();
  saveAll(forms).then((saved) => saved && location.assign(link.href));
});

addEventListener("beforeunload", (event) => {
  if (unsavedForms().length) event.preventDefault();
});
