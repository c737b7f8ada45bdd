// One linked table: its dimension's picker, its rows as buttons that filter, marks with their meaning.

import { el, hidden } from "./dom.js";
import * as figures from "./figures.js";
import { isTime } from "./state.js";
import { DIMENSIONS, REASONS, SUBJECTS, label, number, spans } from "./words.js";

const SHOWN = 60;

/** The table at place `at` of the state. `act` holds what a click does. */
export function linkedTable(context, table, at) {
  const { state, places, act } = context;
  const subject = SUBJECTS[state.subject];
  const title = DIMENSIONS[table.name];
  const picker = el("select", { id: `by-${at}`, "data-keep": `by-${at}`, onchange: (event) => act.by(at, event.target.value) },
    subject.dimensions.map((name) => el("option", { value: name, selected: name === table.name }, DIMENSIONS[name])));
  const head = el("div", { class: "pick" }, el("label", { for: `by-${at}` }, "By"), picker);
  if (!table.rows.length) return el("section", { class: "card", "aria-label": title }, head, empty(context, table));
  const open = context.open.has(table.name) || table.rows.length <= SHOWN + 5;
  const shown = open ? table.rows : table.rows.slice(0, SHOWN);
  const top = Math.max(1, ...table.rows.map(({ figure }) => figure.low));
  const marks = new Set();
  const body = el("tbody", {}, shown.map((row) => line(context, table, row, top, marks, places)));
  const more = open ? null : el("button", { type: "button", class: "more", "data-keep": `more-${table.name}`, onclick: () => act.more(table.name) },
    `Show all ${number(table.rows.length)}`);
  return el("section", { class: "card", "aria-label": `By ${title}` }, head,
    el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": `Rows by ${title}` },
      el("table", {}, el("caption", { class: "hidden" }, `${context.what} by ${title}`),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, title), el("th", { scope: "col", class: "number" }, "Number"))), body)),
    more, notes(table, marks, context), context.sourceLine());
}

function line(context, table, row, top, marks, places) {
  const { state, act } = context;
  const { figure, value } = row;
  const on = state.filters[table.name] === value;
  const name = label(table.name, value, places);
  const pick = el("button", { type: "button", class: "row", "aria-pressed": String(on), "data-keep": `${table.name}=${value}`,
    onclick: () => act.toggle(table.name, value) }, name);
  const bar = el("span", { class: "bar" });
  bar.style.setProperty("--share", `${figure.has ? (100 * figure.low) / top : 0}%`);
  const from = isTime(table.name) ? context.releasesIn(table.name, value) : "";
  return el("tr", { class: on ? "on" : "" }, el("th", { scope: "row" }, pick, bar),
    el("td", { class: figure.has ? "number" : "number none", title: from && `From ${from}` }, figures.text(figure), marksOf(figure, table, marks)));
}

/** Marks behind a number: `*` months or cells are missing from it, `†` it holds a month not covered in full. */
function marksOf(figure, table, marks) {
  if (!figure.has) return null;
  const found = [];
  if (figure.held < figure.months || figure.silent) {
    [...figure.reasons, ...figure.partly].forEach((reason) => marks.add(`* ${reason}`));
    found.push(el("abbr", { title: "Some months or cells have no number", "aria-hidden": "true" }, "*"), hidden(", some months or cells have no number"));
  }
  if (figures.isPartial(figure)) {
    marks.add("†");
    found.push(el("abbr", { title: "Includes a month not covered in full", "aria-hidden": "true" }, "†"), hidden(", includes a month not covered in full"));
  }
  if (figure.held && figure.held < figure.months) found.push(el("small", {}, `${figure.held} of ${figure.months} months`));
  return found;
}

function notes(table, marks, context) {
  const why = [...marks].filter((mark) => mark.startsWith("* ")).map((mark) => REASONS[mark.slice(2)]);
  const said = [];
  if (table.without?.length) said.push(`Without ${spans(table.without)}: the release used there does not state ${SUBJECTS[context.state.subject].own}.`);
  if (why.length) said.push(`* Without months or places that have no number: ${[...new Set(why)].join("; ")}.`);
  if (marks.has("†")) said.push("† Includes a month that the releases do not cover in full.");
  if (table.rows.some(({ figure }) => figure.high > figure.low)) said.push("“1 to 3”: the records determine 1; up to 2 more cannot be told.");
  return said.length ? el("p", { class: "notes" }, said.join(" ")) : null;
}

function empty(context, table) {
  const { own } = SUBJECTS[context.state.subject];
  if (context.loading) return el("p", { class: "notes", role: "status" }, "Loading…");
  if (!table.missing) return el("p", { class: "notes" }, "No row passes these filters.");
  return el("p", { class: "notes" }, `No release here states ${own}. Published tables give national totals alone; case files, one row a removal, hold the rest. `,
    el("a", { href: "#", "data-jump": "case-files" }, "Where case files come from"));
}
