// What somebody else saved in fields that were left alone here (`[data-theirs]`, drawn by the answer to a save) goes into
// the form. A control that was changed since it was sent keeps its text, and the form keeps the digest of the value that
// it began with, so that the server asks the next time.

import { controlNamed } from "./kept-text.js";

function namesOf(form, field) {
  return [...new Set([...new FormData(form).keys(), ...[...form.elements].map((control) => control.name)])].filter(
    (name) => name === field || name.startsWith(`${field}-`),
  );
}

function isTouched(form, field, sent) {
  const now = new FormData(form);
  return namesOf(form, field).some((name) => (now.get(name) ?? "") !== (sent.get(name) ?? ""));
}

function put(form, field, controls) {
  for (const control of form.querySelectorAll(`[data-row] :is(input, select)[name^="${field}-"]`)) control.value = "";
  for (const { dataset, textContent } of controls) {
    const control = controlNamed(form, dataset.control);
    if (control?.type === "checkbox") control.checked = textContent === "True";
    else if (control) control.value = textContent;
  }
}

// `sent` are the values that were saved, `base` the digests with which the form had begun.
export function takeTheirs(form, sent, base) {
  const place = form.querySelector("[data-theirs]");
  if (!place) return;
  const digests = form.elements.namedItem("base");
  const began = JSON.parse(base || "{}");
  for (const { dataset, children } of [...place.children]) {
    if (isTouched(form, dataset.field, sent)) {
      digests.value = JSON.stringify({ ...JSON.parse(digests.value), [dataset.field]: began[dataset.field] });
    } else {
      put(form, dataset.field, [...children]);
    }
  }
  place.replaceChildren();
}
