// `j` and `k` go to the next step and the one before. Other letters press what carries them as `data-key`, see keys.js.
// `<html data-keys="off">` switches them off (WCAG 2.1.4: a person's choice in the settings).

const LINE = 64; // px below the top of the window: a step that begins above it is being read
const steps = [...document.querySelectorAll(".document .step")];

// The step that the window is on its way to: until it has come to rest, its place says little.
let goingTo;
addEventListener("scrollend", () => { goingTo = undefined; });

const topOf = (step) => step.getBoundingClientRect().top;

function neighbour(key) {
  if (goingTo) return steps[steps.indexOf(goingTo) + (key === "j" ? 1 : -1)];
  // At the end of the page the window cannot follow: then the step that was gone to last counts.
  const target = steps.findIndex((step) => step.matches(":target") && topOf(step) > 0 && topOf(step) < innerHeight);
  if (target >= 0) return steps[target + (key === "j" ? 1 : -1)];
  if (key === "j") return steps.find((step) => topOf(step) > LINE);
  return steps.findLast((step) => topOf(step) < 0);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
  const withModifier = event.ctrlKey || event.altKey || event.metaKey;
  if (typing || withModifier || document.documentElement.dataset.keys === "off") return;
  const step = event.key === "j" || event.key === "k" ? neighbour(event.key) : undefined;
  if (!step) return;
  event.preventDefault();
  if ("onscrollend" in window) goingTo = step;
  location.replace(`#${step.id}`);
  step.scrollIntoView(); // of two addresses that follow each other fast, the second may not move the window
});
