// A button that copies what stands in the field it names; without script it stays hidden and the field is selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const status = button.parentElement.querySelector("[data-copy-status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      status.textContent = button.dataset.copied;
    } catch {
      status.textContent = ""; // no permission, or no TLS: the text is selected, the keys of the system copy it
    }
  });
}
