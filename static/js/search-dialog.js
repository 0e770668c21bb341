// Search from anywhere: `/` (keys.js), Ctrl+K or a tap on the field of the top bar opens `#search-dialog`, a combobox:
// arrows walk through suggestions, Enter opens the chosen one or searches. In a text Ctrl+K makes a link instead.

import { forget, recent, remember } from "./recent-searches.js";

const dialog = document.getElementById("search-dialog");
const input = dialog?.querySelector("[role=combobox]");
const list = dialog?.querySelector("[role=listbox]");
const signOut = document.getElementById("sign-out");
let timer;
let shownFor;

function choose(option) {
  for (const other of list.children) other.setAttribute("aria-selected", String(other === option));
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function optionFor({ url, title, code = "", language = "", isSearch = false }, at) {
  const words = Object.assign(document.createElement("span"), { textContent: title });
  if (language) words.lang = language;
  const option = Object.assign(document.createElement("li"), { id: `search-option-${at}`, role: "option" });
  if (url) option.dataset.address = url;
  if (isSearch) option.append(dialog.querySelector("[data-search-icon]").content.cloneNode(true));
  if (code) option.append(Object.assign(document.createElement("span"), { className: "code", textContent: code }));
  option.append(words);
  return option;
}

// Below what begins like the typed words: the way to search all texts for them, for whoever has no Enter key at hand.
function searchFor(typed) {
  return { title: list.dataset.search.replace("{words}", () => typed), isSearch: true };
}

function follow(option) {
  if (option.dataset.address) location.assign(option.dataset.address);
  else dialog.querySelector("form").requestSubmit();
}

function show(rows, { areRecent = false } = {}) {
  const typed = input.value.trim();
  const options = typed && !areRecent ? [...rows, searchFor(typed)] : rows;
  list.replaceChildren(...options.map(optionFor));
  list.hidden = options.length === 0;
  input.setAttribute("aria-expanded", String(options.length > 0));
  dialog.querySelector("[data-recent]").hidden = !areRecent || rows.length === 0;
  const said = dialog.querySelector("[data-said]");
  const { words, none } = said.dataset;
  said.textContent = rows.length ? words.replace("{number}", rows.length) : typed && none;
  choose(null);
}

function showRecent() {
  const address = (q) => `${dialog.querySelector("form").action}?${new URLSearchParams({ q })}`;
  show(recent(signOut.dataset.person).map((title) => ({ title, url: address(title) })), { areRecent: true });
}

async function suggest() {
  const typed = (shownFor = input.value.trim());
  if (!typed) return showRecent();
  try {
    const response = await fetch(`${dialog.dataset.suggestions}?${new URLSearchParams({ q: typed })}`);
    const { suggestions } = response.ok && !response.redirected ? await response.json() : { suggestions: [] };
    if (typed === shownFor) show(suggestions);
  } catch {
    show([]); // Enter searches all the same, or the browser says that it cannot.
  }
}

function open(words = "") {
  if (document.querySelector("dialog:modal")) return;
  input.value = words;
  dialog.showModal();
  input.select();
  suggest();
}

function walk(event) {
  const options = [null, ...list.children];
  const at = options.findIndex((option) => option?.getAttribute("aria-selected") === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") dialog.close();
  else if (event.key === "Enter" && at > 0 && !event.isComposing) follow(options[at]);
  else if (by) choose(options[(Math.max(at, 0) + by + options.length) % options.length]);
  else return;
  event.preventDefault();
}

if (dialog) {
  input.addEventListener("keydown", walk);
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, 120);
  });
  list.addEventListener("click", ({ target }) => follow(target.closest("[role=option]")));
  dialog.querySelector("[data-forget]").addEventListener("click", () => {
    forget(signOut.dataset.person);
    showRecent();
    input.focus();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
  document.addEventListener("open-search", () => open());
  document.addEventListener("keydown", (event) => {
    const isAsked = event.key === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
    if (!isAsked || event.target.matches?.("textarea")) return;
    event.preventDefault();
    open();
  });
  document.querySelector(".topsearch input")?.addEventListener("click", ({ target }) => open(target.value));
  document.addEventListener("submit", ({ target }) => {
    if (target.action === dialog.querySelector("form").action) remember(signOut.dataset.person, target.elements.q.value);
  });
  signOut.addEventListener("submit", () => forget(signOut.dataset.person));
}
