// What the bar of the editor says about the text: saving, saved, not saved; its words come from `#save-words`. Why
// something is not saved stands in the form's own `[data-not-saved]` where there are several forms, else in the bar.

export const words = () => document.getElementById("save-words").dataset;

export function showState(text) {
  const saving = document.getElementById("saving");
  saving.textContent = text;
  saving.hidden = !text;
  document.getElementById("saved").classList.toggle("visually-hidden", Boolean(text));
}

function placeOf(form) {
  return form.querySelector("[data-not-saved]") ?? document.getElementById("not-saved");
}

export function clearProblem(form) {
  placeOf(form).replaceChildren();
}

export function showProblem(form, content) {
  showState(words().unsaved);
  if (content.includes("<")) {
    window.htmx.swap(placeOf(form), content, { swapStyle: "innerHTML" });
    return;
  }
  const banner = document.createElement("div");
  banner.className = "banner";
  banner.dataset.kind = "stop";
  banner.append(Object.assign(document.createElement("p"), { textContent: content }));
  placeOf(form).replaceChildren(banner);
}

export function clearErrors(form) {
  for (const error of form.querySelectorAll(".error-summary, .error")) error.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}
