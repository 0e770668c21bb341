"""What axe has to say about a page.

Contrast takes axe three quarters of its time, and most of a page looks like pages before. So it is measured only on
elements that look like none measured before in this process: colours, backgrounds, sizes, classes and states, up to
the root of the document, in this colour scheme and at this width. Everything else is asked about on every page.
"""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations", "incomplete"],  # what is in order is not described, which takes half the time
    "preload": False,  # style sheets would be fetched again, for a rule about locked screens
    "selectors": False,
    "elementRef": True,
}
LOOKS = """() => {
  const known = new Map(), looks = new Map();
  const hash = (text) => {
    let high = 0xdeadbeef, low = 0x41c6ce57;
    for (let place = 0; place < text.length; place++) {
      const code = text.charCodeAt(place);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
    return 4294967296 * (2097151 & low) + (high >>> 0);
  };
  const surroundings = (element) => {
    if (!element) return `${innerWidth}`;
    if (!known.has(element)) {
      const style = getComputedStyle(element);
      known.set(element, hash([
        surroundings(element.parentElement), element.localName, element.getAttribute("class"), element.open,
        element.getAttribute("aria-disabled"), style.backgroundColor, style.backgroundImage, style.opacity,
        style.display, style.position, style.filter, style.mixBlendMode, style.clipPath, style.overflow,
      ].join()));
    }
    return known.get(element);
  };
  for (const element of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    const look = hash([
      surroundings(element), style.color, style.fontSize, style.fontWeight, style.visibility, style.textShadow,
      style.textIndent, element.checkVisibility(), element.matches(":disabled"), element.control?.disabled,
      element.getAttribute("type"), [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
    ].join());
    if (!looks.has(look)) looks.set(look, element);
  }
  window.looksOfElements = looks;
  return [...looks.keys()];
}"""
RUN = """async ([unmeasured, options]) => {
  const elements = unmeasured.map((look) => window.looksOfElements.get(look));
  for (const element of elements) element.setAttribute("data-unmeasured", "");
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-unmeasured]" }] });
  const results = await axe.run(document, options);
  for (const element of elements) element.removeAttribute("data-unmeasured");
  const undecided = results.incomplete.filter((row) => row.id === "color-contrast").flatMap((row) => row.nodes);
  const left = new Set(undecided.map((node) => node.element));
  return [
    results.violations.map((row) => [row.id, row.nodes.map((node) => node.html.slice(0, 200))]),
    unmeasured.filter((look, place) => left.has(elements[place]) || !elements[place].isConnected),
  ];
}"""

_measured: set[int] = set()


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that the page breaks, each with the elements that break it."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
        page.add_init_script(Axe().axe_script)  # the next pages of this visitor have it compiled
    looks = set(page.evaluate(LOOKS))
    unmeasured = sorted(looks - _measured)
    # Where axe cannot tell, as under something that overlaps, and where an element has gone meanwhile, the next one of
    # this look is measured.
    found, undecided = page.evaluate(RUN, [unmeasured, OPTIONS])
    if not found:
        _measured.update(set(unmeasured) - set(undecided))
    return found
