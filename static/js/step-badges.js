// Puts the badges that a list gives to steps beside the titles of the steps: the list links to `#step-<number>`.
for (const entry of document.querySelectorAll("[data-step-badges] > li")) {
  const badge = entry.querySelector(".chip");
  for (const link of entry.querySelectorAll('a[href^="#step-"]')) {
    document.querySelector(`${link.hash} .step-head`)?.append(badge.cloneNode(true));
  }
}
