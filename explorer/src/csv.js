// The view as CSV: every figure of the page, each with what it is and the releases it comes from.

import { periodName } from "./chart.js";
import * as figures from "./figures.js";
import { isTime } from "./state.js";
import { label } from "./words.js";

const HEADER = ["part", "subject", "population", "measure", "filters", "dimension", "key", "label", "count", "count_high",
  "status", "periods", "periods_with_number", "releases"];

/** `releasesIn(dimension, value)` names the releases behind a row; null stands for the whole view. */
export function csv(state, view, places, releasesIn) {
  const filters = Object.entries(state.filters).map(([name, value]) => `${name}=${value}`)
    .concat(["from", "to"].filter((end) => state[end]).map((end) => `${end}=${state[end]}`)).join("; ");
  const line = (part, dimension, key, name, figure, releases) => [part, state.subject,
    state.subject === "detainers" ? "" : state.population, state.measure, filters, dimension, key, name,
    figure.has ? figure.low : "", figure.has ? figures.upper(figure) ?? "" : "", figures.status(figure), figure.months || "", figure.months ? figure.held : "", releases];
  const lines = [line("total", "", "", "", view.total, releasesIn(null, null))];
  for (const { period, figure } of view.points) {
    lines.push(line("series", view.yearly ? "fiscal_year" : "month", period, periodName(view.points, period), figure, releasesIn("period", period)));
  }
  for (const { name, rows } of view.tables) {
    for (const { value, figure } of rows) {
      lines.push(line("table", name, value, label(name, value, places), figure, isTime(name) ? releasesIn(name, value) : releasesIn(null, null)));
    }
  }
  return [HEADER, ...lines].map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** A cell as CSV; a text that a spreadsheet would run as a formula is kept a text. */
function cell(value) {
  const text = /^[=+\-@\t]/.test(String(value)) && typeof value === "string" ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
