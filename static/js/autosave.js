// Autosave. `form[data-autosave]` is sent two seconds after the last key and when focus leaves it. The text is kept in
// the browser until the server has answered (kept-text.js), and what is being typed in is never replaced.
// Words come from `#editor-bar`, which also shows the state.

import { drop, keep, offer } from "./kept-text.js";

const AFTER_TYPING = 2000;
const AFTER_FAILURE = 10000;
const PATIENCE = 20000;
const KEEPALIVE_LIMIT = 60000; // browsers refuse larger bodies that outlive the page

const stored = new WeakMap(); // form → its values as the server has them
const sending = new WeakMap(); // form → the save under way
let timer;

const bar = () => document.getElementById("editor-bar");

export const currentForm = () => document.querySelector("form[data-autosave]");

function values(form) {
  const data = new URLSearchParams(new FormData(form));
  data.delete("version");
  data.delete("csrfmiddlewaretoken");
  return data.toString();
}

function isDirty(form) {
  return stored.has(form) && values(form) !== stored.get(form);
}

export function isUnsaved(form) {
  return isDirty(form) || sending.has(form);
}

function showState(words) {
  const saving = document.getElementById("saving");
  saving.textContent = words;
  saving.hidden = !words;
  document.getElementById("saved").classList.toggle("visually-hidden", Boolean(words));
}

function showProblem(content) {
  showState(bar().dataset.unsaved);
  if (content.includes("<")) {
    window.htmx.swap("#not-saved", content, { swapStyle: "innerHTML" });
    return;
  }
  const banner = document.createElement("div");
  banner.className = "banner";
  banner.dataset.kind = "stop";
  banner.append(Object.assign(document.createElement("p"), { textContent: content }));
  document.getElementById("not-saved").replaceChildren(banner);
}

function saveLater(form, delay = AFTER_TYPING) {
  clearTimeout(timer);
  timer = setTimeout(() => form.isConnected && save(form), delay);
}

// Whether the server has everything now. `asked` is the save button: it is answered with the form or the two texts.
export async function save(form, { asked = false } = {}) {
  while (sending.has(form)) await sending.get(form);
  if (!asked && !isDirty(form)) return true;
  if (!asked && (form.dataset.failed || form.dataset.stopped)) return false;
  const attempt = send(form, asked).finally(() => sending.delete(form));
  sending.set(form, attempt);
  return attempt;
}

async function send(form, asked) {
  clearTimeout(timer);
  const sent = values(form);
  showState(bar().dataset.saving);
  let response, text;
  try {
    response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: asked ? { "HX-Request": "true" } : { "HX-Request": "true", "X-Autosave": "1" },
      keepalive: sent.length < KEEPALIVE_LIMIT,
      signal: AbortSignal.timeout(PATIENCE),
    });
    text = await response.text();
  } catch {
    showProblem(bar().dataset.unreachable);
    saveLater(form, AFTER_FAILURE);
    return false;
  }
  const isPage = text.trimStart().toLowerCase().startsWith("<!doctype");
  if (response.redirected || (isPage && response.status === 403)) return refuse(form, bar().dataset.signedOut);
  if (response.ok) return accept(form, sent, text);
  if (isPage || response.status >= 500) return refuse(form, bar().dataset.failed);
  const replaces = asked && (response.status === 422 || response.headers.has("HX-Retarget"));
  if (replaces) {
    form.dataset.failed = "true"; // it is on its way out; losing focus must not send it again
    showState(bar().dataset.unsaved);
    document.getElementById("not-saved").replaceChildren();
    window.htmx.swap("#centre", text, { swapStyle: "innerHTML" });
    return false;
  }
  if (response.status !== 422) form.dataset.stopped = "true"; // trying again would only repeat the answer
  return refuse(form, text);
}

function accept(form, sent, answer) {
  stored.set(form, sent);
  delete form.dataset.failed;
  delete form.dataset.stopped;
  clearErrors(form);
  window.htmx.swap(document.body, answer, { swapStyle: "none" });
  showState("");
  if (isDirty(form)) {
    keep(form);
    saveLater(form);
  } else {
    drop(form);
  }
  document.dispatchEvent(new CustomEvent("draft-saved"));
  return true;
}

function clearErrors(form) {
  for (const error of form.querySelectorAll(".error-summary, .error")) error.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function refuse(form, problem) {
  form.dataset.failed = "true"; // until something is changed
  showProblem(problem);
  return false;
}

function changed(event) {
  const form = event.target.closest?.("form[data-autosave]");
  if (!form) return;
  keep(form);
  delete form.dataset.failed;
  if (!sending.has(form)) showState(isDirty(form) ? bar().dataset.unsaved : "");
  saveLater(form);
}

function begin(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) {
    if (stored.has(form)) continue;
    stored.set(form, "unsaved" in form.dataset ? "" : values(form));
    if ("unsaved" in form.dataset) {
      form.dataset.failed = "true";
    } else {
      showState("");
      offer(form);
    }
  }
}

document.addEventListener("input", changed);
document.addEventListener("change", changed);

document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.("form[data-autosave]");
  if (form && !form.contains(event.relatedTarget)) save(form);
});

document.addEventListener("visibilitychange", () => {
  const form = currentForm();
  if (form && document.visibilityState === "hidden") save(form);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-autosave]")) return;
  event.preventDefault();
  save(event.target, { asked: true });
});

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target.parentElement ?? document));
