// Steps are dragged by their grip (`[data-grip]`) in the outline. Everything else moves them without a drag: Alt and
// arrows, the buttons above the form, "Move to position".

import { moveTo } from "./move-keys.js";

const EDGE = 32; // px from the ends of the box where it scrolls
let drag = null;

const rows = () => [...document.querySelectorAll("#outline [data-outline-step]")].filter((row) => row.checkVisibility());
const linkIn = (row) => row.querySelector("[data-move]");

function unmark() {
  for (const row of document.querySelectorAll("#outline [data-drop]")) delete row.dataset.drop;
}

function mark(y) {
  unmark();
  const row = rows().find((candidate) => y < candidate.getBoundingClientRect().bottom) ?? rows().at(-1);
  const { top, height } = row.getBoundingClientRect();
  drag.place = { id: linkIn(row).id, after: y > top + height / 2 };
  row.dataset.drop = drag.place.after ? "after" : "before";
}

function end() {
  unmark();
  document.querySelector("#outline [data-dragged]")?.removeAttribute("data-dragged");
  drag = null;
}

document.addEventListener("pointerdown", (event) => {
  const row = event.button === 0 && event.target.closest?.("[data-grip]")?.closest("[data-outline-step]");
  if (!row) return;
  event.preventDefault();
  drag = { id: linkIn(row).id, place: null };
  row.dataset.dragged = "true";
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  mark(event.clientY);
  const box = document.getElementById("outline").closest(".sticky");
  const { top, bottom } = box.getBoundingClientRect();
  if (event.clientY < top + EDGE) box.scrollBy(0, -EDGE / 4);
  if (event.clientY > Math.min(bottom, innerHeight) - EDGE) box.scrollBy(0, EDGE / 4);
});

document.addEventListener("pointerup", () => {
  if (!drag) return;
  const link = document.getElementById(drag.id);
  const target = drag.place && document.getElementById(drag.place.id);
  const from = Number(link?.dataset.position);
  const gap = Number(target?.dataset.position) + (drag.place?.after ? 1 : 0);
  end();
  const position = gap > from ? gap - 1 : gap;
  if (link && target && position !== from) moveTo(link, position);
});

document.addEventListener("pointercancel", () => drag && end());

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) end();
});
