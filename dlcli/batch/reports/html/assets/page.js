"use strict";
/* The filters of the page: which labels, which least score, which images, which names. */
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const controls = one(".controls"), status = one(".status"), empty = one(".empty"), clear = one(".clear");
  const slider = one("#least"), search = one("input[type=search]"), chips = all(".chip"), views = all("[name=view]");

  const cards = all(".card").map((element) => ({
    element,
    name: element.querySelector("h3").textContent.toLowerCase(),
    broke: element.classList.contains("broke"),
    rows: all(".finds > li", element),
    marks: all("[data-i]", element).map((mark) => ({ mark, label: mark.dataset.l, value: Number(mark.dataset.v) })),
  }));
  const finds = cards.reduce((sum, card) => sum + card.rows.length, 0);
  const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  const of = (part, whole, word) =>
    part === whole ? count(whole, word) : `${part.toLocaleString("en")} of ${count(whole, word)}`;

  function apply() {
    const labels = new Set(chips.filter((c) => c.getAttribute("aria-pressed") === "true").map((c) => c.dataset.l));
    const least = slider ? Number(slider.value) : 0;
    const view = views.find((radio) => radio.checked)?.value ?? "all";
    const word = search.value.trim().toLowerCase();
    let shownCards = 0, shownFinds = 0;
    for (const card of cards) {
      for (const { mark, label, value } of card.marks) {
        mark.toggleAttribute("hidden", value < least || (labels.size > 0 && !labels.has(label)));
      }
      const left = card.rows.filter((row) => !row.hasAttribute("hidden")).length;
      card.element.classList.toggle("crowd", left > 12);
      const fits = { all: true, with: left > 0, without: left === 0, broke: card.broke }[view];
      const wanted = labels.size === 0 || left > 0 || view === "without";
      const shown = fits && wanted && card.name.includes(word);
      card.element.toggleAttribute("hidden", !shown);
      if (shown) { shownCards += 1; shownFinds += left; }
    }
    if (slider) one("output").value = least.toFixed(2);
    const text = finds ? `, ${of(shownFinds, finds, status.dataset.word)}` : "";
    status.textContent = `Showing ${of(shownCards, cards.length, "image")}${text}.`;
    empty.toggleAttribute("hidden", shownCards > 0 || cards.length === 0);
    clear.toggleAttribute("hidden", labels.size === 0 && least === 0 && view === "all" && word === "");
  }

  function reset() {
    chips.forEach((chip) => chip.setAttribute("aria-pressed", "false"));
    if (slider) slider.value = "0";
    if (views.length) views[0].checked = true;
    search.value = "";
    apply();
    search.focus();
  }

  function light(row, on) {
    const card = row.closest(".card");
    card.classList.toggle("lit", on);
    all(`svg [data-i="${row.dataset.i}"]`, card).forEach((mark) => mark.classList.toggle("on", on));
  }

  chips.forEach((chip) => chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    apply();
  }));
  one(".more")?.addEventListener("click", (event) => {
    const hidden = chips.filter((chip) => chip.hidden);
    hidden.forEach((chip) => { chip.hidden = false; });
    event.target.remove();
    hidden[0].focus();
  });
  cards.flatMap((card) => card.rows).forEach((row) => {
    row.addEventListener("pointerenter", () => light(row, true));
    row.addEventListener("pointerleave", () => light(row, false));
  });
  [slider, search].forEach((input) => input?.addEventListener("input", apply));
  views.forEach((radio) => radio.addEventListener("change", apply));
  clear.addEventListener("click", reset);
  controls.hidden = cards.length === 0;
  apply();
})();
