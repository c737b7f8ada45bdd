// One number of the page: an interval, how many periods or cells it rests on, and what is missing from it.

import { STATUSES, bit } from "./cube.js";
import { REASONS, number } from "./words.js";

const SILENCES = STATUSES.slice(3);

/** A figure from sums at one code of Cube.group(), or null where no cell was met. */
export function at(sums, code) {
  if (code === undefined || (!sums.has[code] && !sums.silent[code])) return null;
  const low = sums.low[code];
  const why = sums.silent[code] ? reasonsIn(sums.mask[code]) : [];
  return { low, high: low + sums.extra[code], has: sums.has[code], silent: sums.silent[code], mask: sums.mask[code],
    reasons: sums.has[code] ? [] : why, partly: sums.has[code] ? why : [], unstated: 0,
    held: 0, months: 0 };
}

/** Why cells have no number, in the order in which reasons count. */
function reasonsIn(mask) {
  const found = SILENCES.filter((status) => mask & bit(status));
  return found.length ? found : [mask & bit("partial") ? "partial" : "none"];
}

export const gap = (reason) => ({ low: 0, high: 0, has: 0, silent: 1, mask: 0, reasons: [reason], partly: [], unstated: 0, held: 0, months: 1 });
export const zero = () => ({ low: 0, high: 0, has: 1, silent: 0, mask: bit("reported"), reasons: [], partly: [],
  unstated: 0, held: 1, months: 1 });

/** A figure that `more` records may belong to as well: they do not state what the filters ask for. */
export const opened = (figure, more) => more <= 0 ? figure
  : { ...figure, high: figure.high + more, unstated: more, mask: figure.mask | bit("at_least") };

/**
 * Periods added up. Those without a number are counted apart, with their `reasons`; `partly` are the reasons of places
 * without a number inside periods that have one.
 */
export function sum(figures) {
  const total = { low: 0, high: 0, has: 0, silent: 0, mask: 0, reasons: [], partly: [], unstated: 0, held: 0,
    months: 0 };
  for (const figure of figures) {
    total.months++;
    total.mask |= figure.mask;
    total.reasons.push(...figure.reasons);
    total.partly.push(...figure.partly);
    total.silent += figure.silent;
    if (!figure.has) continue;
    total.held++;
    total.has += figure.has;
    total.low += figure.low;
    total.high += figure.high;
    total.unstated += figure.unstated;
  }
  total.reasons = ordered(total.reasons);
  total.partly = ordered(total.partly);
  return total;
}

const ordered = (reasons) => Object.keys(REASONS).filter((reason) => reasons.includes(reason));

/** Why a figure has no number. */
export const reason = (figure) => REASONS[figure.reasons[0]] ?? figure.reasons[0];

/** The statuses a figure holds, for the CSV: `reported`, or what else it is. */
export function status(figure) {
  if (!figure.has) return figure.reasons[0] === "-" ? "no_release" : figure.reasons[0];
  const words = ["at_least", "partial"].filter((name) => figure.mask & bit(name));
  if (figure.silent && !words.includes("at_least")) words.unshift("at_least");
  return words.join(" ") || "reported";
}

export const isPartial = (figure) => Boolean(figure.mask & bit("partial"));

/** The upper end of a figure, or null where places without a number leave it open. */
export const upper = (figure) => (figure.partly.length ? null : figure.high);

/** The number as a reader reads it: 1,234; 1,234 to 1,300; at least 1,234; or the reason why there is none. */
export function text(figure) {
  if (!figure.has) return reason(figure);
  if (figure.partly.length || figure.unstated) return `at least ${number(figure.low)}`;
  return figure.high > figure.low ? `${number(figure.low)} to ${number(figure.high)}` : number(figure.low);
}
