// Who else is in the editor. `#others-place` is asked every twenty seconds, after each save and when another step is
// opened; the names also stand beside the steps in the outline.

const EVERY = 20000;
const place = document.getElementById("others-place");
let shown = "";
let timer;

function markSteps() {
  for (const mark of document.querySelectorAll("#outline .here")) mark.remove();
  for (const { dataset } of document.querySelectorAll("#others [data-step]")) {
    const words = document.querySelector(`#outline-${CSS.escape(dataset.step || "details")} > span:last-of-type`);
    words?.append(Object.assign(document.createElement("small"), { className: "here", textContent: dataset.name }));
  }
}

async function ask() {
  clearTimeout(timer);
  timer = setTimeout(ask, EVERY);
  const form = document.getElementById("draft-form");
  if (document.visibilityState !== "visible" || !form) return;
  const body = new URLSearchParams({
    step: document.getElementById("open-step").value,
    csrfmiddlewaretoken: form.elements.namedItem("csrfmiddlewaretoken").value,
  });
  try {
    const headers = { "HX-Request": "true" };
    const response = await fetch(place.dataset.address, { method: "POST", body, headers });
    const answer = response.ok && !response.redirected ? await response.text() : shown;
    if (answer === shown) return;
    shown = answer;
    window.htmx.swap("#others", answer, { swapStyle: "none" });
    markSteps();
  } catch {
    // Nobody is told who else is here while the server is away; saving says so.
  }
}

ask();
markSteps();
document.addEventListener("draft-saved", ask);
document.addEventListener("visibilitychange", ask);
document.addEventListener("htmx:afterSettle", (event) => event.target.id === "centre" && ask());
document.addEventListener("htmx:oobAfterSwap", (event) => event.target.id === "outline" && markSteps());
