// What is typed into a form with `data-typed` (its value says by whom) stays in this tab until the server has taken it:
// a dialog that closes, a session or a network that ends take nothing away. A page with `data-taken` comes after a form
// that was taken.

const KEPT = "sopdesk:typed:";
const SENT = `${KEPT}sent`;

const keyOf = (form) => `${KEPT}${form.dataset.typed}:${form.getAttribute("action")}`;
const fieldsOf = (form) => [...form.querySelectorAll("textarea, input[type=radio]")];

function stored(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null; // storage is full or switched off: as without script
  }
}

function keep(form) {
  const entries = fieldsOf(form).filter((field) => field.type !== "radio" || field.checked);
  const typed = entries.map(({ name, value }) => [name, value]);
  stored((storage) => storage.setItem(keyOf(form), JSON.stringify(typed)));
}

export function putBack(root) {
  for (const form of root.querySelectorAll("form[data-typed]")) {
    const typed = stored((storage) => JSON.parse(storage.getItem(keyOf(form)))) ?? [];
    for (const field of fieldsOf(form)) {
      for (const [name, value] of typed.filter(([name]) => name === field.name)) {
        if (field.type !== "radio") field.value = value;
        else if (field.value === value) field.checked = true;
      }
    }
  }
}

function forget(storage) {
  for (const key of Object.keys(storage)) if (key.startsWith(KEPT)) storage.removeItem(key);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-typed]");
  if (form) keep(form);
});

document.addEventListener("submit", ({ target: form }) => {
  if (form.matches("[data-typed]")) stored((storage) => storage.setItem(SENT, keyOf(form)));
});

// Nothing stays for whoever signs in next.
document.getElementById("sign-out")?.addEventListener("submit", () => stored(forget));

if (document.querySelector("[data-taken]")) stored((storage) => storage.removeItem(storage.getItem(SENT)));
putBack(document);
