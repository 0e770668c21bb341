// Formatting buttons above text fields that take Markdown (`textarea[data-markdown]`), copied from
// `<template id="markdown-toolbar">`. One stop of the tab key; arrows move inside. Ctrl+B and Ctrl+K work in the text.

const EDITS = {
  bold: (text) => ({ text: `**${text || "…"}**`, from: 2, to: 2 }),
  link: (text) => ({ text: `[${text || "…"}](https://)`, from: text ? text.length + 3 : 1, to: text ? 1 : 11 }),
  list: (text) => ({ text: text.split("\n").map((line) => `- ${line.replace(/^- /, "")}`).join("\n"), from: 2, to: 0 }),
};
const KEYS = { b: "bold", k: "link" };

// Goes through the browser's own editing, so that Ctrl+Z takes it back.
export function insert(area, text) {
  area.focus();
  if (document.execCommand("insertText", false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function wholeLines(area) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const end = area.value.indexOf("\n", area.selectionEnd);
  area.setSelectionRange(start, end === -1 ? area.value.length : end);
}

function edit(area, kind) {
  area.focus();
  if (kind === "list") wholeLines(area);
  const start = area.selectionStart;
  const result = EDITS[kind](area.value.slice(start, area.selectionEnd));
  insert(area, result.text);
  area.setSelectionRange(start + result.from, start + result.text.length - result.to);
}

function begin(root) {
  const template = document.getElementById("markdown-toolbar");
  for (const area of root.querySelectorAll("textarea[data-markdown]")) {
    const field = area.closest(".field");
    if (!template || field.querySelector(".toolbar")) continue;
    const toolbar = template.content.firstElementChild.cloneNode(true);
    const label = field.querySelector("label");
    toolbar.setAttribute("aria-label", `${toolbar.getAttribute("aria-label")}: ${label.firstChild.textContent.trim()}`);
    toolbar.setAttribute("aria-controls", area.id);
    label.after(toolbar);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const area = document.getElementById(button.closest(".toolbar").getAttribute("aria-controls"));
  if (button.dataset.insert in EDITS) edit(area, button.dataset.insert);
  else area.dispatchEvent(new CustomEvent("picture-wanted", { bubbles: true }));
});

document.addEventListener("keydown", (event) => {
  const kind = (event.ctrlKey || event.metaKey) && !event.altKey && KEYS[event.key];
  if (kind && event.target.matches?.("textarea[data-markdown]")) {
    event.preventDefault();
    edit(event.target, kind);
    return;
  }
  const toolbar = event.target.closest?.(".toolbar");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!toolbar || !step) return;
  const buttons = [...toolbar.querySelectorAll("button")];
  const next = buttons.at((buttons.indexOf(event.target) + step) % buttons.length);
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
});

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target.parentElement ?? document));
