// Keeps the ticks of a checklist in this browser, and nowhere else: `data-checklist` is the name they are kept under,
// each box has its own value. The number of ticked steps stands in `data-ticked`. Resetting the form forgets them.

const form = document.querySelector("[data-checklist]");
const name = form.dataset.checklist;
const boxes = [...form.querySelectorAll('input[type="checkbox"]')];

function read() {
  try {
    return new Set(JSON.parse(localStorage.getItem(name)) ?? []);
  } catch {
    return new Set();
  }
}

function keep() {
  const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
  try {
    if (ticked.length) localStorage.setItem(name, JSON.stringify(ticked));
    else localStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing still ticks.
  }
}

function count() {
  const steps = boxes.filter((box) => box.matches("[data-step]"));
  form.querySelector("[data-ticked]").textContent = steps.filter((box) => box.checked).length;
}

const kept = read();
for (const box of boxes) box.checked = kept.has(box.value);
count();

form.addEventListener("change", () => {
  keep();
  count();
});
form.addEventListener("reset", () => {
  setTimeout(() => {
    for (const box of boxes) box.checked = false;
    keep();
    count();
  });
});
