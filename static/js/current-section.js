// Marks the line of the contents whose part of the document is being read.

for (const contents of document.querySelectorAll("[data-current-section]")) {
  const links = new Map();
  for (const link of contents.querySelectorAll('a[href^="#"]')) {
    const part = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (part) links.set(part, link);
  }
  const inView = new Set();
  const observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) {
        if (isIntersecting) inView.add(target);
        else inView.delete(target);
      }
      const first = [...links.keys()].filter((part) => inView.has(part)).at(-1);
      if (!first) return;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(first).setAttribute("aria-current", "location");
    },
    { rootMargin: "0px 0px -75% 0px" },
  );
  for (const part of links.keys()) observer.observe(part);
}
