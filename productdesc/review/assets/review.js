"use strict";
// Keys, the light on what vouches, and checks while a person types. Every page works without.

const typing = (element) =>
  element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName);

const rows = () => [...document.querySelectorAll("[data-row] a")];

function step(by) {
  const links = rows();
  const at = links.indexOf(document.activeElement);
  const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
  if (next) next.focus();
}

function open(name) {
  const panel = document.getElementById(name);
  if (!panel) return false;
  panel.open = true;
  const first = panel.querySelector("textarea, input:not([type=hidden])");
  (first || panel.querySelector("summary")).focus();
  panel.scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    const panel = event.target.closest ? event.target.closest("details.panel") : null;
    if (panel) {
      panel.open = false;
      panel.querySelector("summary").focus();
    }
    return;
  }
  if (event.isComposing || event.repeat || typing(event.target)) return;
  if (event.key === "/") {
    const filter = document.getElementById("where");
    if (filter) {
      event.preventDefault();
      filter.focus();
      filter.select();
    }
    return;
  }
  if (rows().length && (event.key === "j" || event.key === "k")) {
    event.preventDefault();
    step(event.key === "j" ? 1 : -1);
    return;
  }
  for (const target of document.querySelectorAll("[data-key]")) {
    if (target.dataset.key !== event.key) continue;
    event.preventDefault();
    if (!target.dataset.open || !open(target.dataset.open)) target.click();
    return;
  }
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-open]");
  if (target && open(target.dataset.open)) event.preventDefault();
});

// ---- the light on a photo or on data ----------------------------------------------------

function light(event, on) {
  const claim = event.target.closest ? event.target.closest("[data-photo], [data-attribute]") : null;
  if (!claim || claim.matches("figure, tr")) return;
  const { photo, attribute } = claim.dataset;
  for (const one of document.querySelectorAll("figure[data-photo], tr[data-attribute]")) {
    const is = photo ? one.dataset.photo === photo : one.dataset.attribute === attribute;
    if (is) one.classList.toggle("lit", on);
  }
}
for (const [name, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => light(event, on));
}

// ---- checks while a person types ----------------------------------------------------------

const form = document.querySelector("form[data-check]");
if (form) {
  let timer = 0;
  let asked = 0;
  const areas = [...form.querySelectorAll("textarea")];

  const edits = () => {
    const texts = {};
    for (const area of areas) {
      const lines = area.value.split("\n").map((line) => line.trim()).filter(Boolean);
      if (area.name === "alt_texts") (texts.alt_texts ||= []).push(area.value.trim());
      else texts[area.name] = area.dataset.list ? lines : area.value.trim();
    }
    return texts;
  };

  const count = (area) => {
    const limit = Number(area.dataset.limit);
    const parts = area.dataset.list ? area.value.split("\n") : [area.value];
    const most = Math.max(...parts.map((part) => [...part.trim()].length));
    area.setAttribute("aria-invalid", String(limit > 0 && most > limit));
    return limit ? `${most} / ${limit}` : String(most);
  };

  const tell = (found) => {
    for (const place of form.querySelectorAll(".live")) {
      const own = areas.filter((area) => area.name === place.dataset.of);
      const lines = own.map(count);
      for (const one of found) if (one.field === place.dataset.of) lines.push(one.message);
      place.textContent = lines.join(" · ");
    }
  };

  const check = async () => {
    const mine = ++asked;
    try {
      const reply = await fetch(form.dataset.check, {
        method: "POST",
        headers: { "content-type": "application/json", "x-csrf-token": form.dataset.csrf },
        body: JSON.stringify({ product_id: form.dataset.id, edits: edits() }),
      });
      if (reply.ok && mine === asked) tell((await reply.json()).findings);
    } catch {
      // the server is away: saving will say so
    }
  };

  // what is typed and not saved is not lost by a key or a link
  let unsaved = false;
  form.addEventListener("submit", () => { unsaved = false; });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  form.addEventListener("input", () => {
    unsaved = areas.some((area) => area.value !== area.defaultValue);
    tell([]);
    clearTimeout(timer);
    timer = setTimeout(check, 400);
  });
}
