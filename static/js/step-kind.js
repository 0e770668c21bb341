// Fields that count for one kind of step (`[data-for-kind]`) are hidden for the others by the style sheet, unless they
// hold text (`data-holds-text`): nothing that was written goes out of sight unsaid. And codes of procedures are found
// by their words (`datalist[data-suggest]`).

const PATIENCE = 200;
let timer;

function holdsText(part) {
  return [...part.querySelectorAll("input, textarea, select")].some((control) => control.name && control.value.trim());
}

document.addEventListener("change", (event) => {
  if (!event.target.matches?.(".step-form [name='kind']")) return;
  for (const part of event.target.form.querySelectorAll("[data-for-kind]")) {
    part.toggleAttribute("data-holds-text", holdsText(part));
  }
});

async function suggest(control, list) {
  const response = await fetch(`${list.dataset.suggest}?q=${encodeURIComponent(control.value)}`);
  if (!response.ok) return;
  const { suggestions } = await response.json();
  list.replaceChildren(...suggestions.map(({ code, title }) => new Option(title, code)));
}

document.addEventListener("input", (event) => {
  const list = event.target.list;
  if (!list?.dataset.suggest) return;
  clearTimeout(timer);
  timer = setTimeout(() => suggest(event.target, list).catch(() => {}), PATIENCE);
});
