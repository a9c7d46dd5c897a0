"use strict";
const table = document.getElementById("jobs");
const body = table.tBodies[0];
const rows = Array.from(body.rows);
const search = document.getElementById("search");
const status = document.getElementById("status");
const shown = document.getElementById("shown");

function filter() {
  const wanted = search.value.toLowerCase();
  let count = 0;
  for (const row of rows) {
    const fits = (status.value === "" || row.dataset.status === status.value)
      && row.textContent.toLowerCase().includes(wanted);
    row.hidden = !fits;
    count += fits;
  }
  shown.textContent = count === rows.length ? "" : `${count} of ${rows.length} jobs`;
}

function key(row, column) {
  const value = row.cells[column].dataset.value;
  const number = Number(value);
  return value === "" ? -Infinity : value === "Infinity" || value === "NaN" ? Infinity : Number.isNaN(number) ? value : number;
}

function compare(first, second) {
  if (typeof first === typeof second && typeof first === "string") {
    return first.localeCompare(second, undefined, {numeric: true});
  }
  return first === second ? 0 : first < second || typeof first === "number" && typeof second === "string" ? -1 : 1;
}

function sort(heading) {
  const order = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const keyed = rows.map((row) => [key(row, heading.cellIndex), row]);
  keyed.sort((first, second) => sign * compare(first[0], second[0]));
  body.append(...keyed.map((entry) => entry[1]));
}

for (const heading of table.tHead.rows[0].cells) {
  heading.querySelector("button").addEventListener("click", () => sort(heading));
}
search.addEventListener("input", filter);
status.addEventListener("change", filter);
document.getElementById("controls").hidden = false;
