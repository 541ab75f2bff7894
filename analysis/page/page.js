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
    button.append(...head.firstElementChild.childNodes);
    head.firstElementChild.replaceWith(button);
    button.addEventListener("click", () =>
      sort(column, head.getAttribute("aria-sort") === "ascending" ? -1 : 1));
  });
}
