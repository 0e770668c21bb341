// A list pasted into the first line of a step, or while an entry of the outline has focus, becomes steps of its own. A
// single line is pasted as ever. The server reads the list (`#paste-form` says where, and holds the words).

import { showState } from "./save-state.js";

const formElement = () => document.getElementById("paste-form");

function stepAt(target) {
  if (target.matches?.(".step-form #id_title")) return document.getElementById("open-step").value;
  const entry = target.closest?.("#outline")?.querySelector("a:focus");
  return entry ? entry.id.replace(/^outline-(details)?/, "") : null;
}

// What was copied, without the page around it: word processors put their style sheets in front of it.
function fragmentOf(html) {
  const start = html.indexOf("<!--StartFragment-->");
  const end = html.lastIndexOf("<!--EndFragment-->");
  return start !== -1 && end > start ? html.slice(start, end) : html;
}

function complain(words) {
  const problem = document.createElement("div");
  problem.className = "banner";
  problem.dataset.kind = "stop";
  problem.append(Object.assign(document.createElement("p"), { textContent: words }));
  document.getElementById("problems").replaceChildren(problem);
}

async function send(html, text, after) {
  const form = formElement();
  const largest = Number(form.dataset.largest);
  const values = new FormData();
  values.set("after", after);
  const file = new Blob([fragmentOf(html)], { type: "text/html" });
  if (html && file.size <= largest) values.set("html", file, "pasted.html");
  else if (new Blob([text]).size <= largest / 8) values.set("text", text);
  else return complain(form.dataset.tooLarge);
  document.getElementById("problems").replaceChildren();
  showState(form.dataset.reading);
  try {
    await window.htmx.ajax("POST", form.action, { source: form, target: "#centre", values });
  } catch {
    complain(form.dataset.unreachable);
  }
  showState("");
}

document.addEventListener("paste", (event) => {
  const after = stepAt(event.target);
  const data = event.clipboardData;
  if (after === null || !data || [...data.files].length) return;
  const text = data.getData("text/plain");
  if (text.trim().indexOf("\n") === -1) return;
  event.preventDefault();
  send(data.getData("text/html"), text, after);
});
