// Tabs. Plain links to sections on the same page (`<nav data-tabs><a class="tab" href="#files">`) become a tab list;
// a `role="tablist"` that the server drew works as well. Arrow keys, Home and End move along.

function panelOf(tab) {
  return document.getElementById(tab.getAttribute("aria-controls"));
}

function show(tab) {
  for (const other of tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    panelOf(other).hidden = !chosen;
  }
}

function upgrade(list) {
  list.setAttribute("role", "tablist");
  const tabs = [...list.querySelectorAll("a.tab")];
  for (const tab of tabs) {
    const panel = document.getElementById(tab.hash.slice(1));
    tab.id ||= `tab-${panel.id}`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.tabIndex = 0;
  }
  show(tabs.find((tab) => tab.hash === location.hash) ?? tabs[0]);
}

function neighbour(tab, key) {
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  const at = tabs.indexOf(tab);
  const targets = {
    ArrowRight: tabs[(at + 1) % tabs.length],
    ArrowLeft: tabs.at(at - 1),
    Home: tabs[0],
    End: tabs.at(-1),
  };
  return targets[key];
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest('[role="tab"]');
  if (!tab) return;
  event.preventDefault();
  show(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.('[role="tab"]');
  const next = tab && neighbour(tab, event.key);
  if (!next) return;
  event.preventDefault();
  show(next);
  next.focus();
});

function upgradeAll(root) {
  for (const list of root.querySelectorAll('[data-tabs]:not([role="tablist"])')) upgrade(list);
}

upgradeAll(document);
document.addEventListener("htmx:load", (event) => upgradeAll(event.target));
