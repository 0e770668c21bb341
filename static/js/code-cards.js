// Links to procedures by code (`a.code-link`, `a[data-subprocedure]`) show a card on hover and on focus. The card stays
// while the pointer is on it, Esc puts it away, and nothing shows where the reader may not see the target.

const LINKS = "a.code-link, a[data-subprocedure]";
const DELAY = 250;
const cards = new Map();
let card, owner, timer;

function address(link) {
  const url = new URL(link.href);
  return url.origin === location.origin && url.pathname.startsWith("/procedures/") ? `${url.pathname}card/` : "";
}

function load(path) {
  if (!cards.has(path)) {
    const answer = fetch(path, { headers: { "X-Requested-With": "fetch" } });
    cards.set(path, answer.then((response) => (response.ok ? response.text() : ""), () => ""));
  }
  return cards.get(path);
}

async function show(link) {
  const path = address(link);
  const html = path ? await load(path) : "";
  if (!html || owner !== link) return;
  card?.remove();
  card = document.createElement("div");
  card.className = "code-card";
  card.id = "code-card";
  card.innerHTML = html; // the server's own template
  document.querySelector("main").append(card);
  link.setAttribute("aria-describedby", card.id);
  place(link);
}

function place(link) {
  const at = link.getBoundingClientRect(); // of all its lines: the card covers none of them
  const room = document.documentElement.clientWidth - card.offsetWidth - 8;
  const below = at.bottom + card.offsetHeight < innerHeight || at.top < card.offsetHeight;
  const frame = card.offsetParent.getBoundingClientRect();
  card.style.left = `${Math.max(8, Math.min(at.left, room)) - frame.left}px`;
  card.style.top = `${(below ? at.bottom : at.top - card.offsetHeight) - frame.top}px`;
}

function hide() {
  clearTimeout(timer);
  owner?.removeAttribute("aria-describedby");
  card?.remove();
  card = owner = undefined;
}

function begin(link, delay) {
  clearTimeout(timer);
  if (owner === link) return;
  hide();
  owner = link;
  timer = setTimeout(() => show(link), delay);
}

function leaveSoon() {
  clearTimeout(timer);
  timer = setTimeout(hide, DELAY);
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return; // a tap follows the link
  const link = event.target.closest?.(LINKS);
  if (link) begin(link, DELAY);
  else if (event.target.closest?.(".code-card")) clearTimeout(timer);
  else if (owner && document.activeElement !== owner) leaveSoon();
});
document.addEventListener("focusin", (event) => {
  const link = event.target.closest?.(LINKS);
  if (link) begin(link, 0);
  else if (owner && !event.target.closest?.(".code-card")) hide();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && card) hide();
});
