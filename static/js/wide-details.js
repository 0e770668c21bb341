// `<details data-open-wide>`: folded on a phone, open where there is room for it.

const wide = matchMedia("(width >= 48rem)");

for (const details of document.querySelectorAll("details[data-open-wide]")) details.open = wide.matches;
