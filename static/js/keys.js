// Keys. `/` goes to the page's own search field or opens the search, `?` opens the list of keys, and a letter presses whatever carries it as `data-key`.
// `<html data-keys="off">` switches all of them off (WCAG 2.1.4: a person's choice in the settings).

const TYPING = "input, textarea, select, [contenteditable]";

function isFree(event) {
  const withModifier = event.ctrlKey || event.altKey || event.metaKey;
  const overlaid = document.querySelector("dialog:modal");
  return !withModifier && !overlaid && !event.defaultPrevented && !event.target.matches?.(TYPING);
}

function press(key) {
  if (key === "/") return document.querySelector('main [type="search"]') ?? document.querySelector("#search-dialog");
  const element = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  return element?.checkVisibility() ? element : null;
}

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.keys === "off" || event.key.length !== 1 || !isFree(event)) return;
  const element = press(event.key);
  if (!element) return;
  event.preventDefault();
  if (element.matches("dialog")) {
    document.dispatchEvent(new Event("open-search"));
  } else if (element.matches(TYPING)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
});
