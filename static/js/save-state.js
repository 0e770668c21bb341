// What the bar of the editor says about the text: saving, saved, not saved and why. Its words come from `#editor-bar`.

export const words = () => document.getElementById("editor-bar").dataset;

export function showState(text) {
  const saving = document.getElementById("saving");
  saving.textContent = text;
  saving.hidden = !text;
  document.getElementById("saved").classList.toggle("visually-hidden", Boolean(text));
}

export function showProblem(content) {
  showState(words().unsaved);
  if (content.includes("<")) {
    window.htmx.swap("#not-saved", content, { swapStyle: "innerHTML" });
    return;
  }
  const banner = document.createElement("div");
  banner.className = "banner";
  banner.dataset.kind = "stop";
  banner.append(Object.assign(document.createElement("p"), { textContent: content }));
  document.getElementById("not-saved").replaceChildren(banner);
}

export function clearErrors(form) {
  for (const error of form.querySelectorAll(".error-summary, .error")) error.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}
