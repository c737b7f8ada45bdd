// The parts of the page beside the tables: choices, the total, the series, the map, sources, sharing.

import { chart, periodName, positionAt, silenceWords } from "./chart.js";
import { el, hidden } from "./dom.js";
import * as figures from "./figures.js";
import { legend } from "./map.js";
import { basisNote, monthsOf, sourceList } from "./sources.js";
import { isTime } from "./state.js";
import { COUNTED, DIMENSIONS, MEASURES, POPULATIONS, REASONS, SUBJECTS, label, monthAt, number, plural, spans } from "./words.js";

const option = (value, text, chosen, disabled = false) => el("option", { value, selected: value === chosen, disabled }, text);

/** The subject, population, measure and months to count. */
export function choices({ state, facts, act, allMonths }) {
  const field = (id, name, ...options) => el("p", { class: "field" }, el("label", { for: id }, name),
    el("select", { id, "data-keep": id, onchange: (event) => act.choose(id, event.target.value) }, options));
  const years = (id, name, none) => field(id, name, option("", none, state[id]),
    allMonths.map((month) => option(month, label("month", month), state[id])));
  return el("form", { class: "choices", onsubmit: (event) => event.preventDefault() },
    field("subject", "Show", Object.entries(SUBJECTS).map(([name, { title }]) => option(name, title, state.subject,
      name !== "places" && !facts.cubes.some((cube) => cube.split("-")[0] === name)))),
    state.subject !== "detainers" && field("population", "Population", Object.keys(POPULATIONS).map((name) =>
      option(name, name === "ice" ? "All of ICE" : "Secure Communities", state.population, !facts.cubes.includes(`months-${name}`)))),
    field("measure", "Count", SUBJECTS[state.subject].measures.map((name) => option(name, MEASURES[name][0], state.measure))),
    years("from", "From", "first month"), years("to", "To", "last month"));
}

/** The county search: what is typed -> buttons for the counties it matches. */
export function search({ state, places, act, query }) {
  const list = el("ul", { class: "matches", "aria-label": "Matching counties" });
  const status = el("p", { class: "hidden", role: "status" });
  const show = (text) => {
    const found = matches(places, text);
    status.textContent = text.length < 2 ? "" : plural(found.length, "county").replace("countys", "counties");
    list.replaceChildren(...found.slice(0, 8).map(([value, name]) => el("li", {}, el("button", { type: "button", class: "row",
      onclick: () => act.county(value) }, name))));
    if (text.length > 1 && !found.length) list.replaceChildren(el("li", { class: "notes" }, "No removals on record under that name."));
  };
  const box = el("input", { id: "search", type: "search", autocomplete: "off", "data-keep": "search", value: query.text,
    placeholder: "such as Travis", oninput: (event) => { query.text = event.target.value; show(query.text); } });
  if (state.filters.county) query.text = "";
  else show(query.text);
  return el("search", { class: "field find" }, el("label", { for: "search" }, "Your county"), box, status, list);
}

function matches(places, text) {
  const wanted = text.trim().toLowerCase();
  if (wanted.length < 2) return [];
  const found = [...places.keys()].map((value) => [value, label("county", value, places)])
    .filter(([, name]) => name.toLowerCase().includes(wanted));
  return found.sort(([, a], [, b]) => Number(b.toLowerCase().startsWith(wanted)) - Number(a.toLowerCase().startsWith(wanted)) || (a < b ? -1 : 1));
}

/** The total in words, the filters as chips, and how it is counted. */
export function headline(context) {
  const { state, view, facts, places, act } = context;
  const { total } = view;
  const unit = view.yearly ? "fiscal year" : "month";
  const span = view.months.length ? spanWords(view) : "no month";
  const chips = Object.entries(state.filters).map(([name, value]) => el("button", { type: "button", class: "chip",
    "data-keep": `chip-${name}`, onclick: () => act.toggle(name, value), "aria-label": `Remove the filter ${DIMENSIONS[name]}: ${label(name, value, places)}` },
    `${label(name, value, places)} `, el("span", { "aria-hidden": "true" }, "×")));
  const missing = total.months - total.held;
  return el("section", { id: "result", tabindex: -1, class: "result" },
    el("h2", {}, el("span", { class: "total" }, total.has ? cap(figures.text(total)) : "No number"), ` ${context.what}`),
    el("p", {}, `${span[0].toUpperCase()}${span.slice(1)}. `,
      missing ? `Counted in ${total.held} of ${plural(total.months, unit)}; ${missing} without a number: ${total.reasons.map((one) => REASONS[one]).join("; ")}. ` : "",
      figures.isPartial(total) ? "Includes months that the releases do not cover in full. " : "",
      total.unstated ? `Counts the records that state it; up to ${number(total.unstated)} more in these months do not, and may belong here. ` : "",
      total.high - total.unstated > total.low ? `The records determine ${number(total.low)}; for up to ${number(total.high - total.unstated - total.low)} more they cannot tell. ` : "",
      total.partly.length ? `Some places in these months have no number (${total.partly.map((one) => REASONS[one]).join("; ")}). ` : ""),
    chips.length ? el("p", { class: "chips" }, chips, el("button", { type: "button", class: "chip clear", "data-keep": "clear", onclick: act.clear }, "Clear all")) : null,
    view.problem ? el("p", { class: "warning" }, view.problem) : null,
    el("details", { class: "how", id: "how", open: context.open.has("how"), ontoggle: (event) => act.keep("how", event.target.open) },
      el("summary", { "data-keep": "how" }, "How this is counted"),
      el("p", {}, COUNTED[state.measure]), facts.definitions[state.measure] ? el("p", {}, facts.definitions[state.measure]) : null,
      el("p", {}, "A month without a number is never counted as zero. A place or trait without records in a month is zero only where the month’s own total is complete. Fiscal year 2012 runs from October 2011 to September 2012. ",
        basisNote(facts, state, context.sourceMonths), " ", el("a", { href: "index.html" }, "The report explains the method"), ".")),
    context.sourceLine());
}

function spanWords(view) {
  const [first, last] = [view.months[0], view.months[view.months.length - 1]];
  return view.yearly ? `${periodName(view.points, first)} to ${periodName(view.points, last)}` : spans(view.months);
}

/** The series with its cursor: pointer, arrow keys, and Enter to filter by the period. */
export function seriesPanel(context) {
  const { state, view, act } = context;
  const { points } = view;
  if (!points.length) return el("section", { class: "card" }, el("h3", {}, "By month"), el("p", { class: "notes" }, context.loading ? "Loading…" : "No month passes these choices."));
  const chosen = Object.keys(state.filters).some(isTime) ? new Set(points.flatMap(({ period }, at) => (view.months.includes(period) ? [at] : []))) : null;
  const said = el("p", { class: "readout", id: "readout" });
  const frame = el("div", { class: "series", role: "slider", tabindex: 0, "data-keep": "series", "aria-label": `${context.always} over time`,
    "aria-valuemin": 0, "aria-valuemax": points.length - 1, "aria-orientation": "horizontal" });
  const at = { now: Math.min(context.cursor.at ?? points.length - 1, points.length - 1) };
  const width = Math.max(300, Math.min(1160, context.width - 34));
  const move = (to, drawn = true) => {
    at.now = context.cursor.at = Math.max(0, Math.min(points.length - 1, to));
    const words = readout(context, points[at.now], view);
    frame.setAttribute("aria-valuenow", at.now);
    frame.setAttribute("aria-valuetext", words);
    said.textContent = words;
    frame.replaceChildren(chart(points, width, chosen, drawn ? at.now : null));
  };
  move(at.now, context.cursor.at !== null && context.cursor.at !== undefined && context.cursor.shown);
  const keys = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -12, PageUp: 12 };
  frame.addEventListener("keydown", (event) => {
    if (event.key in keys) move(at.now + keys[event.key]);
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(points.length - 1);
    else if (event.key === "Enter" || event.key === " ") act.period(points[at.now].period);
    else return;
    context.cursor.shown = true;
    event.preventDefault();
  });
  const pointed = (event) => positionAt(event.clientX - frame.getBoundingClientRect().left, width, points.length);
  frame.addEventListener("pointermove", (event) => { context.cursor.shown = true; if (pointed(event) !== at.now) move(pointed(event)); });
  frame.addEventListener("click", (event) => act.period(points[pointed(event)].period));
  const gaps = silenceWords(points);
  return el("section", { class: "card wide", "aria-label": "Over time" }, el("h3", {}, `${cap(context.always)} by ${view.yearly ? "fiscal year" : "month"}`),
    frame, said, gaps.length ? el("div", { class: "notes" }, el("p", {}, "Hatched, without a number:"), el("ul", {}, gaps.slice(0, 12).map((one) => el("li", {}, `${one}.`)),
      gaps.length > 12 ? el("li", {}, `and ${gaps.length - 12} more spans, all in the table.`) : null)) : null,
    key(points), el("details", { class: "behind", ontoggle: (event) => event.target.open && fillTable(event.target, context) },
      el("summary", { "data-keep": "behind" }, "The same as a table")), context.sourceLine());
}

const cap = (text) => text[0].toUpperCase() + text.slice(1);

function readout(context, { period, figure }, view) {
  const name = periodName(view.points, period);
  const from = context.releasesIn("period", period);
  const kind = figure.has && figures.isPartial(figure) ? ", not covered in full" : "";
  const more = figure.unstated ? `; ${number(figure.unstated)} more records do not state it` : "";
  return `${cap(name)}: ${figures.text(figure)}${more}${kind}${from ? `. From release ${from}` : ""}`;
}

function key(points) {
  const some = (test) => points.some(({ figure }) => figure.has && test(figure));
  const parts = [some((one) => one.high > one.low) && "Band: the records determine its lower edge; the truth is at most its upper edge, with every record that does not tell.",
    some(figures.isPartial) && "Hollow dot: a month not covered in full.",
    some((one) => one.silent > 0 && !figures.isPartial(one)) && "Dark dot: at least; some places have no number."].filter(Boolean);
  return parts.length ? el("p", { class: "notes" }, parts.join(" ")) : null;
}

function fillTable(details, context) {
  if (details.querySelector("table")) return;
  const { view } = context;
  details.append(el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Every month" }, el("table", {},
    el("caption", { class: "hidden" }, `${context.always} over time`),
    el("thead", {}, el("tr", {}, ["Period", "Number", "Status", "Release"].map((name, at) => el("th", { scope: "col", class: at === 1 ? "number" : "" }, name)))),
    el("tbody", {}, view.points.map(({ period, figure }) => el("tr", {}, el("th", { scope: "row" }, cap(periodName(view.points, period))),
      el("td", { class: "number" }, figure.has ? figures.text(figure) : "none"), el("td", {}, figure.has ? figures.status(figure).replaceAll("_", " ") : figures.reason(figure)),
      el("td", {}, context.releasesIn("period", period))))))));
}

/** The map, its legend, and every place that no shape of the map is for. */
export function mapPanel(context) {
  const { state, atlas, mapRows, places, act } = context;
  const kinds = el("fieldset", { class: "kinds" }, el("legend", { class: "hidden" }, "Map of"), ["state", "county"].map((kind) => el("label", {},
    el("input", { type: "radio", name: "map", value: kind, checked: state.map === kind, "data-keep": `map-${kind}`, onchange: () => act.choose("map", kind) }), ` ${kind === "state" ? "States" : "Counties"}`)));
  if (!atlas) return el("section", { class: "card wide" }, el("h3", {}, "Map"), el("p", { class: "notes" }, "Loading…"));
  const { picture, bounds, homeless, values } = atlas.shade(state.map, mapRows, places, state.filters[state.map], state.map === "county" && state.filters.state);
  picture.setAttribute("aria-label", `Map of ${context.what} by ${state.map}. The tables hold the same numbers.`);
  picture.onclick = (event) => {
    const value = values.get(event.target.dataset.shape);
    if (value !== undefined) act.toggle(state.map, value);
  };
  return el("section", { class: "card wide", "aria-label": "Map" }, el("h3", {}, `${cap(context.mapTitle)} by ${state.map}`), kinds, picture,
    el("ul", { class: "legend" }, legend(bounds).map(([shade, words]) => swatch(shade, words)), swatch("none", "0"), swatch("unknown", "no number"), swatch("blank", "no record in this view")),
    homeless.length ? el("details", { open: homeless.length < 6 }, el("summary", { "data-keep": "homeless" }, `Not on the map: ${plural(homeless.length, "place")}, ${number(homeless.reduce((all, { figure }) => all + figure.low, 0))} counted`),
      el("ul", { class: "notes" }, homeless.map(({ value, figure }) => el("li", {}, `${label(state.map, value, places)}${/^\d{5}$/.test(value) ? ` (FIPS ${value})` : ""}: ${figures.text(figure)}`)))) : null,
    el("p", { class: "notes" }, "County boundaries are those of 2017. Counties renamed since are drawn in their shape; Connecticut’s planning regions of 2022 do not match its counties and are listed below the map."),
    context.sourceLine());
}

const swatch = (shade, words) => el("li", {}, el("span", { class: `swatch ${shade}`, "aria-hidden": "true" }), words);

/** Where the numbers come from, and where the case files that are missing could come from. */
export function sourcesPanel(context) {
  const { facts, state, sourceMonths } = context;
  return el("section", { class: "card wide", id: "sources", tabindex: -1 }, el("h3", {}, "Where these numbers come from"), sourceList(facts, state, sourceMonths),
    el("div", { id: "case-files", tabindex: -1 }, el("h4", {}, "Where case files come from"),
      el("p", {}, "States, counties and traits need case files: one row a removal. ICE releases them under FOIA; the ",
        el("a", { href: "https://deportationdata.org/" }, "Deportation Data Project"), ", ", el("a", { href: "https://tracreports.org/" }, "TRAC"), " and the ",
        el("a", { href: "https://jsis.washington.edu/humanrights/" }, "University of Washington Center for Human Rights"),
        " publish what they received. Put the files in a folder under raw/ and build again; this page then holds their places and traits.")));
}

/** A link that brings this view back, the code to embed it, the CSV and the printer. */
export function sharePanel(context) {
  const address = context.address();
  const embed = `<iframe src="${context.address(true).replaceAll("&", "&amp;")}" title="${cap(context.what)}" width="100%" height="900" loading="lazy"></iframe>`;
  const text = (id, name, value) => el("p", { class: `field ${id}` }, el("label", { for: id }, name), el("input", { id, readonly: true, value, "data-keep": id, onfocus: (event) => event.target.select() }));
  return el("section", { class: "card wide share", "aria-label": "Take it with you" }, el("h3", {}, "Take it with you"),
    el("p", { class: "buttons" }, el("button", { type: "button", "data-keep": "csv", onclick: context.act.csv }, "Download CSV"), el("button", { type: "button", "data-keep": "print", onclick: () => window.print() }, "Print")),
    text("link", "Link to this view", address), text("embed", "Code to embed it", embed), hidden("Select a field to copy it."));
}
