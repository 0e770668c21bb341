// Text that the server does not have yet, kept in this browser per person and form. A form that finds such text offers
// to put it back, with the version it was written on: whoever saved meanwhile is not overwritten, the server asks.

import { addRow } from "./rows.js";

function keyOf(form) {
  return `sopdesk:kept:${form.dataset.keeper}:${new URL(form.action).pathname}`;
}

function entriesOf(form) {
  return [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
}

export function keep(form) {
  try {
    localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), entries: entriesOf(form) }));
  } catch {
    // Storage is full or switched off: autosave alone must do.
  }
}

export function drop(form) {
  try {
    localStorage.removeItem(keyOf(form));
  } catch {
    // Nothing could be kept, so nothing is left behind.
  }
}

function read(form) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(form)));
  } catch {
    return null;
  }
}

// Fields that say on what a text was written, and are no text. Several forms on one page have a prefix each.
export function isBookkeeping(name) {
  return /(^|-)(version|base|csrfmiddlewaretoken)$/.test(name);
}

function textOf(entries) {
  return JSON.stringify(entries.filter(([name, value]) => !isBookkeeping(name) && value));
}

export function controlNamed(form, name) {
  const control = form.elements.namedItem(name);
  const row = name.match(/^(.+)-\d+-\w+$/);
  if (control || !row) return control;
  const field = document.getElementById(`id_${row[1]}`);
  if (field) addRow(field, name.match(/-(\d+)-\w+$/)[1]);
  return form.elements.namedItem(name);
}

function putBack(form, entries) {
  for (const control of form.querySelectorAll("[data-row] :is(input, select)")) control.value = "";
  for (const control of form.querySelectorAll('[type="checkbox"]')) control.checked = false;
  for (const [name, value] of entries) {
    const control = controlNamed(form, name);
    if (control?.type === "checkbox") control.checked = true;
    else if (control) control.value = value;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

export function offer(form) {
  const kept = read(form);
  const banner = form.querySelector("[data-kept]");
  if (!kept || !banner || textOf(kept.entries) === textOf(entriesOf(form))) {
    drop(form);
    return;
  }
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const at = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(kept.at);
  banner.querySelector("[data-kept-at]").textContent = at;
  banner.hidden = false;
  banner.querySelector("[data-kept-restore]").addEventListener("click", () => {
    putBack(form, kept.entries);
    banner.hidden = true;
  });
  banner.querySelector("[data-kept-drop]").addEventListener("click", () => {
    drop(form);
    banner.hidden = true;
  });
}

// Once two texts are merged (`form[data-settles]`), or one's own is given up, there is nothing left to put back.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (xhr?.status === 200 && requestConfig.elt.matches("form[data-settles]")) drop(requestConfig.elt);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-settles-now]");
  if (link) drop(link.closest("form"));
});
