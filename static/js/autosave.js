// Autosave. Each `form[data-autosave]` is sent two seconds after the last key in it and when focus leaves it. The text is
// kept in the browser until the server has answered (kept-text.js), and what is being typed in is never replaced.

import { drop, isBookkeeping, keep, offer } from "./kept-text.js";
import { takeTheirs } from "./merged-values.js";
import { clearErrors, clearProblem, showProblem, showState, words } from "./save-state.js";

const AFTER_TYPING = 2000;
const AFTER_FAILURE = 10000;
const PATIENCE = 20000;
const KEEPALIVE_LIMIT = 60000; // browsers refuse larger bodies that outlive the page

const stored = new WeakMap(); // form → its values as the server has them
const sending = new WeakMap(); // form → the save under way
const doubtful = new WeakMap(); // form → what was sent last without an answer: the server may have it or not
const timers = new WeakMap(); // form → the save to come

const forms = () => [...document.querySelectorAll("form[data-autosave]")];

function textsIn(data) {
  return new URLSearchParams([...data].filter(([name]) => !isBookkeeping(name)));
}

const values = (form) => textsIn(new FormData(form)).toString();

function isDirty(form) {
  return doubtful.has(form) || (stored.has(form) && values(form) !== stored.get(form));
}

export const unsavedForms = () => forms().filter((form) => isDirty(form) || sending.has(form));

function saveLater(form, delay = AFTER_TYPING) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => form.isConnected && save(form), delay));
}

// What the bar says once `form` is done with, or has been typed in: the others count too.
function showStateOf(form) {
  const others = forms().filter((other) => other !== form);
  if (others.some((other) => sending.has(other))) showState(words().saving);
  else showState(isDirty(form) || others.some(isDirty) ? words().unsaved : "");
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

// After a save without an answer the very same is sent again before anything else. Whether it had arrived or not, the
// two agree afterwards, and nobody gets into a conflict with what he saved himself.
async function send(form, asked) {
  clearTimeout(timers.get(form));
  showState(words().saving);
  const earlier = doubtful.get(form);
  if (earlier && !(await post(form, earlier, false))) return false;
  return earlier && !isDirty(form) ? true : post(form, new URLSearchParams(new FormData(form)), asked);
}

async function post(form, body, asked) {
  const base = form.elements.namedItem("base")?.value;
  const sent = textsIn(body);
  let response, text;
  try {
    response = await fetch(form.action, {
      method: "POST",
      body,
      headers: asked ? { "HX-Request": "true" } : { "HX-Request": "true", "X-Autosave": "1" },
      keepalive: body.toString().length < KEEPALIVE_LIMIT,
      signal: AbortSignal.timeout(PATIENCE),
    });
    text = await response.text();
  } catch {
    doubtful.set(form, body);
    showProblem(form, words().unreachable);
    saveLater(form, AFTER_FAILURE);
    return false;
  }
  if (response.status >= 500) doubtful.set(form, body);
  else doubtful.delete(form);
  const isPage = text.trimStart().toLowerCase().startsWith("<!doctype");
  if (response.redirected || (isPage && response.status === 403)) return refuse(form, words().signedOut);
  if (response.ok) return accept(form, sent, text, base);
  if (isPage || response.status >= 500) return refuse(form, words().failed);
  const replaces = asked && (response.status === 422 || response.headers.has("HX-Retarget"));
  if (replaces) {
    form.dataset.failed = "true"; // it is on its way out; losing focus must not send it again
    showState(words().unsaved);
    clearProblem(form);
    const [swapStyle] = (response.headers.get("HX-Reswap") ?? "innerHTML").split(" ");
    window.htmx.swap(response.headers.get("HX-Retarget") ?? "#centre", text, { swapStyle });
    return false;
  }
  if (response.status !== 422) form.dataset.stopped = "true"; // trying again would only repeat the answer
  return refuse(form, text);
}

function accept(form, sent, answer, base) {
  const wasDirty = values(form) !== sent.toString();
  delete form.dataset.failed;
  delete form.dataset.stopped;
  clearErrors(form);
  clearProblem(form);
  window.htmx.swap(document.body, answer, { swapStyle: "none" });
  takeTheirs(form, sent, base);
  stored.set(form, wasDirty ? sent.toString() : values(form));
  showStateOf(form);
  if (isDirty(form)) {
    keep(form);
    saveLater(form);
  } else {
    drop(form);
  }
  document.dispatchEvent(new CustomEvent("draft-saved"));
  return true;
}

function refuse(form, problem) {
  form.dataset.failed = "true"; // until something is changed
  showProblem(form, problem);
  return false;
}

function changed(event) {
  const form = event.target.closest?.("form[data-autosave]");
  if (!form) return;
  keep(form);
  delete form.dataset.failed;
  if (!sending.has(form)) showStateOf(form);
  saveLater(form);
}

function begin(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) {
    if (stored.has(form)) continue;
    stored.set(form, "unsaved" in form.dataset ? "" : values(form));
    if ("unsaved" in form.dataset) {
      form.dataset.failed = "true";
    } else {
      showStateOf(form);
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
  if (document.visibilityState === "hidden") unsavedForms().forEach((form) => save(form));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-autosave]")) return;
  event.preventDefault();
  save(event.target, { asked: true });
});

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target.parentElement ?? document));
