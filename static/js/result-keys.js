// Arrow keys walk through a list of results: `<ol data-results>`. From the search field, arrow down enters the list, and
// arrow up on the first result goes back to the field. Switched off with all other keys by `<html data-keys="off">`.

const SEARCH = 'main [type="search"]';

function links() {
  return [...document.querySelectorAll("[data-results] h3 a, [data-results] .snippets a")];
}

function target(from, key) {
  const all = links();
  const at = all.indexOf(from);
  if (key === "ArrowDown") return all[at + 1];
  return at > 0 ? all[at - 1] : document.querySelector(SEARCH);
}

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.keys === "off" || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const inField = event.target.matches?.(SEARCH);
  if (!inField && !links().includes(event.target)) return;
  if (inField && event.key === "ArrowUp") return;
  const next = target(event.target, event.key);
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// The filters' own heading is hidden where they stand open beside the list; then the key goes to the first of them.
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select");
  if (event.key !== "f" || typing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (document.documentElement.dataset.keys === "off" || event.defaultPrevented) return;
  const filters = document.getElementById("filters");
  if (!filters) return;
  event.preventDefault();
  filters.open = true;
  filters.querySelector("input")?.focus();
});
