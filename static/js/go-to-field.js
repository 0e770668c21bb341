// `data-goes-to="id"` on a link that opens a form by htmx: when the form is there, focus goes to that field.

let wanted = "";

document.addEventListener("click", (event) => {
  wanted = event.target.closest("[data-goes-to]")?.dataset.goesTo ?? "";
});

document.addEventListener("htmx:afterSettle", (event) => {
  const field = wanted && event.target.id === "centre" && document.getElementById(wanted);
  if (!field) return;
  wanted = "";
  for (let group = field.closest("details"); group; group = group.parentElement.closest("details")) group.open = true;
  (field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea"))?.focus();
});
