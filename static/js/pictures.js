// Pictures in Markdown: chosen in the dialog, pasted or dropped into `textarea[data-markdown]`. The dialog asks for the
// words that stand for the picture; the server answers with the line to insert, or with what is wrong.

import { insert } from "./markdown-toolbar.js";

const dialogElement = () => document.getElementById("picture-dialog");
const formElement = () => dialogElement().querySelector("[data-picture-form]");
let area = null; // where the line goes
let dropped = null; // the picture, when it was not chosen in the dialog

function open(target, file = null) {
  area = target ?? document.querySelector("#centre textarea[data-markdown]");
  dropped = file;
  const dialog = dialogElement();
  const form = formElement();
  form.reset();
  showErrors({});
  const name = form.querySelector("[data-picture-name]");
  name.textContent = file?.name ?? "";
  name.hidden = !file;
  form.elements.image.hidden = Boolean(file);
  if (!dialog.open) dialog.showModal();
  form.elements[file ? "alt" : "image"].focus();
}

function showErrors(errors) {
  const form = formElement();
  for (const place of form.querySelectorAll("[data-error-for]")) {
    const found = errors[place.dataset.errorFor] ?? [];
    place.textContent = found.join(" ");
    form.elements[place.dataset.errorFor].setAttribute("aria-invalid", String(found.length > 0));
  }
  form.querySelector('[aria-invalid="true"]:not([hidden])')?.focus();
}

function pictureIn(transfer) {
  return [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));
}

async function send() {
  const form = formElement();
  const data = new FormData(form);
  if (dropped) data.set("image", dropped, dropped.name);
  const missing = ["image", "alt"].filter((name) => !(data.get(name)?.size ?? data.get(name)?.trim()));
  if (missing.length) {
    showErrors(Object.fromEntries(missing.map((name) => [name, [form.dataset.needed]])));
    return;
  }
  const button = form.querySelector("footer .primary");
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await upload(form, data);
    if (answer.errors) {
      showErrors(answer.errors);
      return;
    }
    dialogElement().close();
    insert(area, answer.markdown);
    window.htmx.trigger("#panel-pictures", "refresh");
  } catch {
    showErrors({ image: [form.dataset.unreachable] });
  } finally {
    button.removeAttribute("aria-busy");
    form.querySelector("[data-picture-progress]").hidden = true;
  }
}

// Only this old way of sending says how much of a picture has gone out.
function upload(form, data) {
  const progress = form.querySelector("[data-picture-progress]");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.responseType = "json";
  progress.removeAttribute("value");
  progress.hidden = false;
  request.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = loaded / total));
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => (request.response ? resolve(request.response) : reject(new Error("no answer"))));
    request.addEventListener("error", () => reject(new Error("not sent")));
    request.send(data);
  });
}

document.addEventListener("picture-wanted", (event) => open(event.target));

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-picture-open]")) open(null);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-picture-form]")) return;
  event.preventDefault();
  send();
});

document.addEventListener("paste", (event) => {
  const file = event.target.matches?.("textarea[data-markdown]") && pictureIn(event.clipboardData);
  if (!file) return;
  event.preventDefault();
  open(event.target, file);
});

document.addEventListener("dragover", (event) => {
  const target = event.target.closest?.("textarea[data-markdown]");
  if (!target || ![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  target.dataset.dropping = "true";
});

document.addEventListener("dragleave", (event) => {
  if (event.target.dataset) delete event.target.dataset.dropping;
});

document.addEventListener("drop", (event) => {
  const target = event.target.closest?.("textarea[data-markdown]");
  if (!target) return;
  delete target.dataset.dropping;
  const file = pictureIn(event.dataTransfer);
  if (!file) return;
  event.preventDefault();
  open(target, file);
});
