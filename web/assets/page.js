// What this adds is comfort: every action of the page works without it.
"use strict";

// In a list of entries the arrows, j and k go from one to the next. They work only
// while an entry has the focus, so that they take no key from anybody else.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const entry = document.activeElement?.closest("[data-entry]");
  if (!step || !entry || document.activeElement !== entry.querySelector("a")) return;
  const all = [...document.querySelectorAll("[data-entry]")];
  const next = all[all.indexOf(entry) + step]?.querySelector("a");
  if (next) {
    event.preventDefault();
    next.focus();
  }
});

// A list, a number or a chart that takes long is asked for after the page is there.
const later = (within) => {
  for (const link of within.querySelectorAll("[data-later]")) {
    const part = link.closest("[data-part]");
    fetch(link.href).then((answer) => answer.text()).then((text) => {
      const found = new DOMParser().parseFromString(text, "text/html").querySelector(`[data-part=${part.dataset.part}]`);
      if (!found || found.querySelector("[data-later]")?.closest("[data-part]") === found) return;
      part.replaceChildren(...found.childNodes);
      later(part);
    }).catch(() => {}); // the link stays
  }
};
later(document);

// While the time of a demonstration goes by, its strip says where it stands.
const scene = document.querySelector("[data-scene]");
if (scene) {
  setInterval(() => {
    if (document.hidden || scene.querySelector("p").contains(document.activeElement)) return;
    fetch(scene.dataset.scene).then((answer) => answer.text()).then((text) => {
      const now = new DOMParser().parseFromString(text, "text/html").querySelector("[data-now]");
      if (now) scene.querySelector("[data-now]").replaceWith(now);
    }).catch(() => {}); // the time is being turned back
  }, 2000);
}
