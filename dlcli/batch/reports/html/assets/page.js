"use strict";
/* The filters of the page, which its address carries too, the order of its images, and one of them shown large. */
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const controls = one(".controls"), status = one(".status"), empty = one(".empty"), clear = one(".clear");
  const slider = one("#least"), search = one("input[type=search]"), chips = all(".chip"), views = all("[name=view]");
  const sort = one("#sort"), grid = one(".grid"), dialog = one("dialog"), seen = one(".seen");

  const cards = all(".card").map((element, number) => ({
    element,
    number,
    name: element.querySelector("h3").textContent.toLowerCase(),
    broke: element.classList.contains("broke"),
    rows: all(".finds > li", element),
    marks: all("[data-i]", element).map((mark) => ({ mark, label: mark.dataset.l, value: Number(mark.dataset.v) })),
  }));
  const finds = status.dataset.word ? cards.reduce((sum, card) => sum + card.rows.length, 0) : 0;
  const count = (number, word, words) => `${number.toLocaleString("en")} ${number === 1 ? word : words}`;
  const of = (part, whole, ...words) =>
    part === whole ? count(whole, ...words) : `${part.toLocaleString("en")} of ${count(whole, ...words)}`;
  const pressed = () => chips.filter((chip) => chip.getAttribute("aria-pressed") === "true");
  const labelOf = (chip) => chip.querySelector(".said").textContent;
  const left = (card) => card.rows.filter((row) => !row.hasAttribute("hidden"));
  const values = (card) => left(card).map((row) => Number(row.dataset.v));

  function apply() {
    const labels = new Set(pressed().map((chip) => chip.dataset.l));
    const least = slider ? Number(slider.value) : 0;
    const view = views.find((radio) => radio.checked)?.value ?? "all";
    const word = search.value.trim().toLowerCase();
    let shownCards = 0, shownFinds = 0;
    for (const card of cards) {
      for (const { mark, label, value } of card.marks) {
        mark.toggleAttribute("hidden", value < least || (labels.size > 0 && !labels.has(label)));
      }
      const rows = left(card).length;
      card.element.classList.toggle("crowd", rows > 12);
      const fits = { all: true, with: rows > 0, without: rows === 0, broke: card.broke }[view];
      const wanted = labels.size === 0 || rows > 0 || view === "without";
      const shown = fits && wanted && card.name.includes(word);
      card.element.toggleAttribute("hidden", !shown);
      if (shown) { shownCards += 1; shownFinds += rows; }
    }
    if (slider) one("output").value = least.toFixed(2);
    const text = finds ? `, ${of(shownFinds, finds, status.dataset.word, status.dataset.words)}` : "";
    status.textContent = `Showing ${of(shownCards, cards.length, "image", "images")}${text}.`;
    empty.toggleAttribute("hidden", shownCards > 0 || cards.length === 0);
    clear.toggleAttribute("hidden", labels.size === 0 && least === 0 && view === "all" && word === "" && !sort.value);
    arrange();
    keep({ label: pressed().map(labelOf), least: least || "", view: view === "all" ? "" : view, name: search.value.trim(),
      sort: sort.value });
  }

  /* Nothing found comes last, whatever is asked for. */
  function arrange() {
    const key = {
      "": (card) => card.number,
      name: (card) => card.name,
      best: (card) => -Math.max(-1, ...values(card)),
      worst: (card) => Math.min(2, ...values(card)),
      most: (card) => -left(card).length,
    }[sort.value];
    const keys = new Map(cards.map((card) => [card, key(card)]));
    const before = (a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : a.number - b.number);
    const order = [...cards].sort(before);
    if (order.every((card, place) => grid.children[place] === card.element)) return;
    grid.append(...order.map((card) => card.element));
  }

  function keep(state) {
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) [value].flat().forEach((v) => v && words.append(name, v));
    const address = words.toString() ? `#${words}` : location.pathname + location.search;
    try { history.replaceState(null, "", address); } catch { /* a page that may not, as in a frame */ }
  }

  function recall() {
    const words = new URLSearchParams(location.hash.slice(1));
    const labels = new Set(words.getAll("label"));
    chips.forEach((chip) => chip.setAttribute("aria-pressed", String(labels.has(labelOf(chip)))));
    if (slider) slider.value = words.get("least") ?? "0";
    const view = views.find((radio) => radio.value === words.get("view")) ?? views[0];
    if (view) view.checked = true;
    search.value = words.get("name") ?? "";
    sort.value = words.get("sort") ?? "";
    if (sort.selectedIndex < 0) sort.value = "";
    apply();
  }

  function reset() {
    chips.forEach((chip) => chip.setAttribute("aria-pressed", "false"));
    if (slider) slider.value = "0";
    if (views.length) views[0].checked = true;
    search.value = sort.value = "";
    apply();
    search.focus();
  }

  function light(row, on) {
    const card = row.closest(".card");
    card.classList.toggle("lit", on);
    all(`svg [data-i="${row.dataset.i}"]`, card).forEach((mark) => mark.classList.toggle("on", on));
  }

  let large = null; // the card that is shown
  function enlarge(element) {
    large = element;
    const copy = element.cloneNode(true);
    all("button", copy).forEach((button) => button.remove());
    seen.className = `seen ${element.classList.contains("crowd") ? "crowd" : ""}`;
    seen.replaceChildren(...copy.childNodes);
    if (!dialog.open) dialog.showModal();
  }
  function turn(step) {
    const shown = all(".card:not([hidden])", grid);
    const next = shown[shown.indexOf(large) + step];
    if (next) enlarge(next);
  }

  for (const { element } of cards) {
    const figure = element.querySelector(".figure");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "zoom";
    button.setAttribute("aria-label", `Show ${element.querySelector("h3").textContent} large`);
    figure.append(button); // over the image: text in a button would have to be its name
    button.addEventListener("click", () => enlarge(element));
  }
  one("dialog .back").addEventListener("click", () => turn(-1));
  one("dialog .next").addEventListener("click", () => turn(1));
  one("dialog .close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  });
  dialog.addEventListener("close", () => large?.querySelector(".zoom").focus());

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
  [...views, sort].forEach((input) => input.addEventListener("change", apply));
  clear.addEventListener("click", reset);
  window.addEventListener("hashchange", recall);
  controls.hidden = cards.length === 0;
  recall();
})();
