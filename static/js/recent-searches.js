// What a person searched for last, kept in this browser only and apart for each person; signing out forgets it.

const MOST = 6;
const nameFor = (person) => `searches-${person}`;

export function recent(person) {
  try {
    const kept = JSON.parse(localStorage.getItem(nameFor(person)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((words) => typeof words === "string").slice(0, MOST) : [];
  } catch {
    return []; // a browser that keeps nothing
  }
}

export function remember(person, words) {
  const typed = words.trim().slice(0, 300);
  if (!typed) return;
  try {
    const kept = [typed, ...recent(person).filter((other) => other !== typed)].slice(0, MOST);
    localStorage.setItem(nameFor(person), JSON.stringify(kept));
  } catch {
    // Full, or switched off: then there is nothing to show next time.
  }
}

export function forget(person) {
  try {
    localStorage.removeItem(nameFor(person));
  } catch {
    // Nothing was kept.
  }
}
