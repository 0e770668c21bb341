// Marks the badges of the roles that the reader holds. The document is the same for everybody; this is not.
for (const text of document.querySelectorAll("[data-my-roles]")) {
  const mine = new Set(text.dataset.myRoles.split(" "));
  for (const badge of text.querySelectorAll("[data-role]")) {
    if (!mine.has(badge.dataset.role)) continue;
    badge.dataset.mine = "";
    badge.querySelector("[data-you]").hidden = false;
  }
}
