/* SPDX-License-Identifier: MIT */
/* Tables sort by a click or Enter on a heading; without this script they are in order already. */
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];

  /* Numbers first by size, then texts; what has no value stays at the end either way. */
  const value = (row, column) => {
    const text = row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
    return text === "" ? null : isNaN(text) ? text : Number(text);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

  const sort = (column, direction) => {
    const keyed = rows.map((row, index) => ({ row, index, key: value(row, column) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null)
        return (a.key === null) - (b.key === null) || a.index - b.index;
      return direction * compare(a.key, b.key) || a.index - b.index;
    });
    for (const { row } of keyed) {
      row.classList.toggle("level", column === 0 && row.dataset.first === "1" && direction > 0);
      body.append(row);
    }
    heads.forEach((head, index) => {
      if (index === column)
        head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      else
        head.removeAttribute("aria-sort");
    });
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    /* The plain heading stays for paper: where a table goes on, browsers print no buttons. */
    const text = head.firstElementChild;
    text.className = "printed";
    button.append(...[...text.childNodes].map((node) => node.cloneNode(true)));
    text.before(button);
    button.addEventListener("click", () =>
      sort(column, head.getAttribute("aria-sort") === "ascending" ? -1 : 1));
  });
}

/* Models can be hidden in all charts at once; the one pointed at, or under the focus, stands out. What
   is drawn names its model by its colour (page_figure.c). */
{
  const charts = document.getElementById("charts");
  const items = [...charts.querySelectorAll(".series li")];
  const names = new Map(items.map((item) => [item.textContent.trim(), item.dataset.series]));
  const hidden = new Set();
  const rules = document.createElement("style");
  let lit = null;

  const top = (text) => Number(/,(-?[\d.]+)/.exec(text.parentNode.getAttribute("transform"))?.[1]);

  /* Of a drawing: the marks, the ground cut out around a point, the name in the legend or beside the
     row, and the number behind that row. */
  const assign = (svg) => {
    const places = new Map();
    const drawn = new Set();
    const rows = [];
    const others = [];

    for (const mark of svg.querySelectorAll("path, use, polygon, circle")) {
      const colours = ["stroke", "fill", "color"].map((name) => mark.getAttribute(name)).join(" ");
      const series = /--m(\d+)\)/.exec(colours)?.[1];

      if (!series)
        continue;
      mark.dataset.series = series;
      drawn.add(series);
      if (mark.hasAttribute("transform"))
        places.set(mark.getAttribute("transform"), series);
    }
    for (const ground of svg.querySelectorAll('use[color="var(--panel)"]')) {
      const series = places.get(ground.getAttribute("transform"));
      if (series)
        ground.dataset.series = series;
    }
    for (const text of svg.querySelectorAll("text")) {
      const series = names.get(text.textContent.trim());

      if (!drawn.has(series)) {
        others.push(text);
        continue;
      }
      text.dataset.series = series;
      rows.push({ y: top(text), series });
    }
    for (const text of others) {
      const row = rows.filter(({ y }) => Math.abs(y - top(text)) < 3);
      if (row.length === 1)
        text.dataset.series = row[0].series;
    }
  };

  /* A few rules, not a class on each of thousands of marks. */
  const restyle = () => {
    const lines = [...hidden].map((series) =>
      `figure svg [data-series="${series}"] { visibility: hidden; }
       figure svg text[data-series="${series}"] { visibility: visible; opacity: 0.45; text-decoration: line-through; }`);

    if (lit && !hidden.has(lit))
      lines.push(`figure svg [data-series]:not([data-series="${lit}"]) { opacity: 0.15; }`);
    rules.textContent = lines.join("\n");
  };
  const light = (series) => {
    if (series !== lit) {
      lit = series;
      restyle();
    }
  };
  const show = (chosen, shown) => {
    for (const item of chosen) {
      hidden[shown ? "delete" : "add"](item.dataset.series);
      item.firstElementChild.setAttribute("aria-pressed", shown);
    }
    restyle();
  };
  const makeButton = (nodes, press) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...nodes);
    button.addEventListener("click", press);
    return button;
  };

  document.head.append(rules);
  charts.querySelectorAll("figure svg").forEach(assign);
  for (const item of items) {
    const button = makeButton(item.childNodes, () => show([item], hidden.has(item.dataset.series)));

    button.setAttribute("aria-pressed", "true");
    button.addEventListener("focus", () =>
      light(button.matches(":focus-visible") ? item.dataset.series : lit));
    button.addEventListener("blur", () => light(null));
    item.append(button);
  }
  for (const [word, shown] of [["Show all", true], ["Hide all", false]]) {
    const item = document.createElement("li");
    item.append(makeButton([word], () => show(items, shown)));
    charts.querySelector(".series").append(item);
  }
  charts.classList.add("operable");
  charts.addEventListener("pointerover", (event) =>
    light(event.target.closest("[data-series]")?.dataset.series ?? null));
  charts.addEventListener("pointerleave", () => light(null));
}
