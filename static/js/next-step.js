// Enter in the first line of a step saves it and opens a new one below; Shift+Enter goes on to its text. Nothing typed
// while the new form is on its way is lost: it is collected, further lines included, and put there.

import { insert } from "./markdown-toolbar.js";

let collected = null; // what was typed since Enter, while the next form is on its way

const title = () => document.querySelector(".step-form #id_title");

function addBelow(typedAhead = "") {
  collected = typedAhead;
  document.querySelector("[data-add-below]")?.click();
}

function deliver() {
  if (collected === null || !title()) return;
  const [line, ...rest] = collected.split("\n");
  collected = null;
  if (line) insert(title(), line);
  if (rest.length && title().value.trim()) addBelow(rest.join("\n"));
}

// The form stays: what was collected goes back to where it was typed.
function giveBack() {
  const text = collected?.replaceAll("\n", " ");
  collected = null;
  if (text && title()) insert(title(), text);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target !== title()) return;
  event.preventDefault();
  if (collected !== null) collected += "\n";
  else if (event.shiftKey) document.getElementById("id_body").focus();
  else if (event.target.value.trim()) addBelow();
});

document.addEventListener("beforeinput", (event) => {
  if (collected === null || event.target !== title() || event.isComposing) return;
  event.preventDefault();
  if (event.inputType === "deleteContentBackward") collected = collected.slice(0, -1);
  else collected += event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "centre") deliver();
});

for (const name of ["form-stays", "htmx:responseError", "htmx:sendError"]) document.addEventListener(name, giveBack);
