// `n` and `p` go to the next change and the one before, `c` opens the comment on the change one is at.
// `<html data-keys="off">` switches them off (WCAG 2.1.4: a person's choice in the settings).

const changes = [...document.querySelectorAll("[data-change]")];
const keysAreOn = document.documentElement.dataset.keys !== "off";

if (keysAreOn) document.querySelectorAll("[data-keys-hint]").forEach((hint) => (hint.hidden = false));

const topOf = (change) => change.getBoundingClientRect().top;
const current = () => document.activeElement?.closest?.("[data-change]");

function neighbour(key) {
  const here = changes.indexOf(current());
  if (here >= 0) return changes[here + (key === "n" ? 1 : -1)];
  return key === "n" ? changes.find((change) => topOf(change) > 0) : changes.findLast((change) => topOf(change) < 0);
}

function openComment() {
  const fold = (current() ?? document.getElementById("comments"))?.querySelector("details[data-comment-here]");
  if (!fold) return false;
  fold.open = true;
  fold.querySelector("textarea").focus();
  return true;
}

function act(key) {
  if (key === "c") return openComment();
  const change = key === "n" || key === "p" ? neighbour(key) : undefined;
  change?.focus();
  return Boolean(change);
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
  const withModifier = event.ctrlKey || event.altKey || event.metaKey;
  if (typing || withModifier || !keysAreOn || document.querySelector("dialog:modal")) return;
  if (act(event.key)) event.preventDefault();
});

// A comment that was begun is not left behind without a word; the one that is being sent is.
let sent;
document.addEventListener("submit", (event) => (sent = event.target));
addEventListener("beforeunload", (event) => {
  const begun = [...document.querySelectorAll("[data-unsent]")].some((area) => area.value.trim() && area.form !== sent);
  if (begun) event.preventDefault();
});
