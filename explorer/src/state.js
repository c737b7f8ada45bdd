// What the reader chose <-> the part of the address after `#`, so that a link brings the same view back.

import { TIME } from "./cube.js";
import { SUBJECTS } from "./words.js";

const MONTH = /^\d{4}-\d{2}$/;

export function defaults(facts) {
  const population = facts.cubes.includes("months-sc") ? "sc" : "ice";
  // Without places, months fill the page; one table is left to say what is missing.
  const by = facts.cubes.some((cube) => cube.startsWith("places")) ? SUBJECTS.places.first : ["fiscal_year", "month", "state"];
  return { subject: "places", population, measure: "removals", by: [...by], filters: {}, from: "", to: "", map: "state", embed: false };
}

/** Read an address; what it does not say, or says wrongly, is the default's. */
export function read(hash, facts) {
  const state = defaults(facts);
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  if (SUBJECTS[said.get("subject")]) choose(state, "subject", said.get("subject"));
  const subject = SUBJECTS[state.subject];
  if (["sc", "ice"].includes(said.get("population"))) state.population = said.get("population");
  if (subject.measures.includes(said.get("measure"))) state.measure = said.get("measure");
  const by = (said.get("by") ?? "").split(",").filter((name) => subject.dimensions.includes(name));
  if (by.length === 3 && new Set(by).size === 3) state.by = by;
  for (const name of subject.dimensions) if (said.get(`f.${name}`)) state.filters[name] = said.get(`f.${name}`);
  for (const end of ["from", "to"]) if (MONTH.test(said.get(end) ?? "")) state[end] = said.get(end);
  state.map = said.get("map") === "county" ? "county" : "state";
  state.embed = said.has("embed");
  return state;
}

export function write(state) {
  const said = new URLSearchParams({ subject: state.subject, population: state.population, measure: state.measure,
    by: state.by.join(",") });
  for (const [name, value] of Object.entries(state.filters).sort()) said.set(`f.${name}`, value);
  for (const end of ["from", "to"]) if (state[end]) said.set(end, state[end]);
  if (state.map !== "state") said.set("map", state.map);
  if (state.embed) said.set("embed", "1");
  return `#${said}`;
}

/** Change one choice; a new subject keeps the filters and measure that it has too. */
export function choose(state, name, value) {
  state[name] = value;
  if (name !== "subject") return;
  const subject = SUBJECTS[value];
  state.by = [...subject.first];
  if (!subject.measures.includes(state.measure)) state.measure = subject.measures[0];
  for (const dimension of Object.keys(state.filters)) {
    if (!subject.dimensions.includes(dimension)) delete state.filters[dimension];
  }
}

/** Filter by a value, or stop filtering by it. */
export function toggle(state, dimension, value) {
  if (state.filters[dimension] === value) delete state.filters[dimension];
  else state.filters[dimension] = value;
}

export const isTime = (dimension) => dimension in TIME;

/** The value of a time dimension that a month lies in. */
export const timeOf = (dimension, month) => TIME[dimension](month);
