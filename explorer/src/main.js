// The page: brings in the data scripts it needs, keeps the reader's choices in the address, draws on every change.

import { Cube, bit } from "./cube.js";
import { csv } from "./csv.js";
import { el } from "./dom.js";
import { at } from "./figures.js";
import { Atlas } from "./map.js";
import { choices, headline, mapPanel, search, seriesPanel, sharePanel, sourcesPanel } from "./panels.js";
import { monthsOf, releaseNames } from "./sources.js";
import * as states from "./state.js";
import { linkedTable } from "./tables.js";
import { compute, mapped, needs } from "./view.js";
import { DIMENSIONS, MEASURES, POPULATIONS, SUBJECTS, label, monthAt } from "./words.js";

const root = document.getElementById("explorer");
const received = {};
const asked = new Map();
const memory = { open: new Set(), cursor: { at: null, shown: false }, query: { text: "" } };
let state;
let last;

/** What a data script calls: facts, the map's topology, or a cube. */
function receive(name, value) {
  received[name] = name === "facts" ? value : name === "map" ? new Atlas(value) : new Cube(value);
}

/** Bring in a data script once; the promise ends when it has called receive(). */
function bring(name) {
  if (!asked.has(name)) {
    asked.set(name, new Promise((done, failed) => {
      const script = el("script", { src: `data/${name}.js` });
      script.onload = done;
      script.onerror = () => failed(new Error(`data/${name}.js is missing; the folder must hold it beside explorer.html`));
      document.head.append(script);
    }));
  }
  return asked.get(name);
}

const has = (name) => name && received.facts.cubes.includes(name);

/** The cubes of the state: {base, own, loading}; those not here yet are asked for, and drawing follows. */
function cubes() {
  const wanted = needs(state);
  const missing = [wanted.base, wanted.own, has(`places-${state.population}`) && SUBJECTS[state.subject].map && "map"]
    .filter((name) => (name === "map" || has(name)) && !received[name]);
  for (const name of missing) bring(name).then(draw, fail);
  const base = received[wanted.base] ?? null;
  const own = received[wanted.own] ?? null;
  if (state.subject === "people" && own?.grain === "month" && base && !own.bound) bind(own, base);
  return { base, own, loading: missing.some((name) => name !== "map") };
}

/** Cells of people by month take their status from their months' totals; those by year have their own. */
function bind(own, base) {
  const sums = base.group("month", "removals", {});
  const place = new Map(sums.values.map((month, code) => [month, code]));
  own.statusByMonth((month) => at(sums, place.get(month))?.mask ?? bit("partial"));
  own.bound = true;
}

function placesOf(own) {
  if (!own?.keys.place) return new Map();
  own.places ??= new Map(own.keys.place.values.map((place, code) => {
    const { values, lookup } = own.dimensions.county;
    return [values[lookup[code]], place.split("|")];
  }));
  return own.places;
}

function context() {
  const { base, own, loading } = cubes();
  const facts = received.facts;
  const places = placesOf(own);
  const unknown = loading ? [] : Object.entries(state.filters).filter(([name, value]) =>
    ![own, base].some((cube) => cube?.dimensions[name]?.values.includes(value)));
  const view = compute(state, base, own);
  if (unknown.length) view.problem = `These releases have no ${unknown.map(([name, value]) => `${DIMENSIONS[name].toLowerCase()} “${label(name, value, places)}”`).join(", ")}.`;
  const sourceMonths = view.months.flatMap((period) => monthsOf(period, view.yearly, monthAt));
  const releasesIn = (dimension, value) => {
    if (dimension === null) return releaseNames(facts, state, sourceMonths);
    const mine = dimension === "period" ? [value]
      : view.points.map(({ period }) => period).filter((period) => states.timeOf(dimension, period) === value);
    return releaseNames(facts, state, mine.flatMap((period) => monthsOf(period, view.yearly, monthAt)));
  };
  const whole = releasesIn(null, null);
  return { state, facts, view, places, loading, act, base, own, releasesIn, sourceMonths, ...memory,
    what: what(places, state.filters), always: what(places, without(states.isTime)),
    mapTitle: what(places, without((name) => name === "county" || (name === "state" && state.map === "state"))), width: root.clientWidth, atlas: received.map ?? null,
    allMonths: (base ?? own)?.keys.month.values ?? [],
    mapRows: SUBJECTS[state.subject].map && own ? mapped(state, own) : [],
    sourceLine: () => el("p", { class: "source" }, whole ? `Source: ${whole}. ` : "No release serves these months. ",
      el("a", { href: "#", "data-jump": "how" }, "How it is counted"), " · ", el("a", { href: "#", "data-jump": "sources" }, "Releases")),
    address: (embed = false) => location.href.split("#")[0] + states.write({ ...state, embed }) };
}

const without = (drops) => Object.fromEntries(Object.entries(state.filters).filter(([name]) => !drops(name)));

/** What is counted, in words: the measure, the population, the filters. */
function what(places, chosen) {
  const filters = Object.entries(chosen).map(([name, value]) => label(name, value, places));
  const whose = state.subject === "detainers" ? "" : POPULATIONS[state.population];
  return `${whose}${MEASURES[state.measure][1]}${filters.length ? `: ${filters.join(", ")}` : ""}`;
}

const act = {
  choose: (name, value) => change(() => states.choose(state, name, value)),
  by: (place, name) => change(() => {
    const other = state.by.indexOf(name);
    if (other >= 0) state.by[other] = state.by[place];
    state.by[place] = name;
  }),
  toggle: (dimension, value) => change(() => states.toggle(state, dimension, value)),
  clear: () => change(() => { state.filters = {}; }),
  period: (period) => change(() => states.toggle(state, last.view.yearly ? "fiscal_year" : "month",
    last.view.yearly ? states.timeOf("fiscal_year", period) : period)),
  county: (value) => change(() => { state.filters = { ...state.filters, county: value }; delete state.filters.state; memory.query.text = ""; }),
  more: (name) => { memory.open.add(name); draw(); },
  keep: (name, open) => { memory.open[open ? "add" : "delete"](name); },
  csv: () => save(`explorer-${state.subject}-${state.measure}.csv`, text()),
};

function change(how) {
  how();
  history.pushState(null, "", states.write(state));
  draw();
}

const text = () => csv(state, last.view, last.places, last.releasesIn);

function save(name, content) {
  const link = el("a", { href: URL.createObjectURL(new Blob([content], { type: "text/csv" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Draw the whole page from the state; focus and scroll positions stay where they were. */
function draw() {
  const focus = document.activeElement?.dataset?.keep;
  const scrolled = new Map([...root.querySelectorAll(".scroll")].map((node) => [node.getAttribute("aria-label"), node.scrollTop]));
  last = context();
  const places = SUBJECTS[state.subject].map;
  const cells = [headline(last), seriesPanel(last),
    el("div", { class: "tables" }, last.view.tables.map((table, place) => linkedTable(last, table, place))),
    places && last.own ? mapPanel(last) : null, sourcesPanel(last), sharePanel(last)];
  root.replaceChildren(...[choices(last), places && last.own ? search(last) : null, ...cells].filter(Boolean));
  document.body.classList.toggle("embedded", state.embed);
  root.setAttribute("aria-busy", String(last.loading));
  for (const node of root.querySelectorAll(".scroll")) node.scrollTop = scrolled.get(node.getAttribute("aria-label")) ?? 0;
  if (focus) root.querySelector(`[data-keep="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  announcer.textContent = last.loading ? "" : `${last.view.total.has ? root.querySelector(".total").textContent : "No number"} ${last.what}`;
  performance.mark(last.loading ? "months drawn" : "drawn");
}

function fail(error) {
  root.replaceChildren(el("p", { class: "warning", role: "alert" }, `The explorer cannot show its data: ${error.message}.`));
}

const announcer = el("p", { class: "hidden", role: "status" });

function jump(event) {
  const id = event.target.dataset?.jump;
  const place = id && document.getElementById(id);
  if (!id) return;
  event.preventDefault();
  if (!place) return;
  if (place.tagName === "DETAILS") place.open = true;
  (place.querySelector("summary") ?? place).focus();
  place.scrollIntoView({ block: "start" });
}

async function start() {
  document.body.append(announcer);
  document.addEventListener("click", jump);
  await bring("facts");
  const restore = () => { state = states.read(location.hash, received.facts); draw(); };
  window.addEventListener("hashchange", restore);
  window.addEventListener("popstate", restore);
  let width = 0;
  new ResizeObserver(() => { if (Math.abs(root.clientWidth - width) > 8) { width = root.clientWidth; draw(); } }).observe(root);
  width = root.clientWidth;
  restore();
}

// `receive` is what data scripts call; the others let a check read the view as data.
window.scExplorer = { receive, address: () => states.write(state), cells: (name) => received[name]?.rows ?? 0, csv: () => (last.loading ? null : text()) };
start().catch(fail);
