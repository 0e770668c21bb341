// Rows of small controls (`[data-rows]`): a button adds one out of the field's template, each row has one to remove it.
// Without script the spare empty rows do, and an emptied row is dropped.

export function addRow(field, number) {
  const numbers = [...field.querySelectorAll("[data-row] [name]")].map((control) => Number(control.name.split("-")[1]));
  const next = number ?? Math.max(-1, ...numbers) + 1;
  const list = field.querySelector("[data-rows-list]");
  list.insertAdjacentHTML("beforeend", field.querySelector("template").innerHTML.replaceAll("__n__", next));
  reveal(field);
  return list.lastElementChild;
}

function reveal(field) {
  for (const part of field.querySelectorAll("[data-rows-add], [data-row-remove]")) part.hidden = false;
}

function changed(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const field = event.target.closest("[data-rows]");
  if (!field) return;
  if (event.target.closest("[data-rows-add]")) {
    addRow(field).querySelector("input, select").focus();
  }
  const row = event.target.closest("[data-row-remove]")?.closest("[data-row]");
  if (row) {
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (neighbour?.querySelector("input, select") ?? field.querySelector("[data-rows-add] button")).focus();
    changed(field);
  }
});

function begin(root) {
  for (const field of root.querySelectorAll("[data-rows]")) reveal(field);
}

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target.parentElement ?? document));
