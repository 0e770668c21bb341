// Sections of the outline fold (`<details data-section>`). What is folded stays so while the list is drawn anew; the
// section of the open step is open.

const key = `sopdesk:folded:${location.pathname}`;

function folded() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(key) ?? "[]"));
  } catch {
    return new Set();
  }
}

function remember(section, isOpen) {
  const names = folded();
  if (isOpen) names.delete(section);
  else names.add(section);
  try {
    sessionStorage.setItem(key, JSON.stringify([...names]));
  } catch {
    // Without storage the sections are open again after the next save.
  }
}

function apply() {
  const names = folded();
  for (const details of document.querySelectorAll("#outline details[data-section]")) {
    const isOpen = !names.has(details.dataset.section) || details.querySelector("[aria-current]") !== null;
    if (details.open !== isOpen) details.open = isOpen;
  }
}

document.addEventListener("click", (event) => {
  const details = event.target.closest("#outline summary")?.parentElement;
  if (details) remember(details.dataset.section, !details.open);
});

apply();
document.addEventListener("htmx:oobAfterSwap", apply);
