// Which releases the shown numbers come from, and for which months.

import { el } from "./dom.js";
import { BASES, dayName, index, spans } from "./words.js";

/** Month -> the release that serves it. */
const servedFor = (facts, state) =>
  facts.served[state.subject === "detainers" ? "detainers" : state.population] ?? {};

/** Months -> [release, its months], first month first. */
export function releasesOf(facts, state, months) {
  const served = servedFor(facts, state);
  const found = new Map();
  for (const month of months) {
    const release = served[month];
    if (!release) continue;
    if (!found.has(release)) found.set(release, []);
    found.get(release).push(month);
  }
  return [...found];
}

export const releaseNames = (facts, state, months) =>
  releasesOf(facts, state, months).map(([release]) => release).join("; ");

/** A period of the series -> its months: itself, or the twelve of a fiscal year. */
export function monthsOf(period, yearly, monthAt) {
  if (!yearly) return [period];
  return Array.from({ length: 12 }, (_, at) => monthAt(index(period) + at));
}

/** The releases behind the view as a list, each with its months, caution and what its population leaves out. */
export function sourceList(facts, state, months) {
  const known = new Map(facts.releases.map((release) => [release.release_id, release]));
  const items = releasesOf(facts, state, months).map(([id, mine]) => {
    const release = known.get(id) ?? { release_id: id };
    const asked = release.foia_request ? `, FOIA request ${release.foia_request}` : "";
    const received = release.received ? `, received ${dayName(release.received)}` : "";
    const item = el("li", {}, el("strong", {}, release.title ?? id), ` (release ${id}): ${release.publisher ?? "publisher not stated"}`,
      `, from ${release.agency ?? "agency"} records${asked}${received}. Months: ${spans(mine)}.`);
    if (release.synthetic) item.append(" ", el("strong", {}, "Simulated data: do not quote."));
    for (const note of [release.caution, release.scope_note]) if (note) item.append(` ${note}`);
    if (/^https?:/.test(release.source_url ?? "")) item.append(" ", el("a", { href: release.source_url }, "Source"));
    return item;
  });
  return items.length ? el("ul", {}, items) : el("p", {}, "No release serves the months of this view.");
}

/** The bases of Level 1 among the months, in words; more than one must not be compared. */
export function basisNote(facts, state, months) {
  if (state.measure !== "level1") return "";
  const bases = new Map();
  for (const month of months) {
    const basis = facts.level_basis[state.population]?.[month];
    if (basis) bases.set(basis, [...(bases.get(basis) ?? []), month]);
  }
  const said = [...bases].map(([basis, mine]) => `${BASES[basis] ?? basis} (${spans(mine)})`);
  if (!said.length) return "";
  const mixed = said.length > 1 ? " More than one definition is in this view: do not compare months across them." : "";
  return `Level 1 here is ${said.join("; ")}.${mixed}`;
}
