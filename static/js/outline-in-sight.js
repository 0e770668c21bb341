// The entry of the open step stays in sight when the outline is longer than its box.

function show() {
  const entry = document.querySelector("#outline [aria-current]");
  const box = entry?.closest(".sticky");
  if (!box) return;
  const { top, bottom } = entry.getBoundingClientRect();
  const inside = box.getBoundingClientRect();
  if (top < inside.top) box.scrollTop -= inside.top - top;
  if (bottom > inside.bottom) box.scrollTop += bottom - inside.bottom;
}

show();
document.addEventListener("htmx:afterSettle", show);
