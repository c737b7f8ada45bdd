// The reader's choices and the cubes -> every figure of the page: the series, the total, three tables, the map.

import { TIME, bit } from "./cube.js";
import * as figures from "./figures.js";
import { isTime } from "./state.js";
import { REASONS, SUBJECTS, index, monthAt } from "./words.js";

const REPORTED = bit("reported");

/** The cubes a state needs, by name: the base (months) and the subject's own. */
export function needs(state) {
  const subject = SUBJECTS[state.subject];
  const own = subject.base ? `${state.subject}-${state.population}` : state.subject;
  return { base: subject.base && `months-${state.population}`, own };
}

/** All figures of a state. `base` and `own` are cubes, or null where the releases have none. */
export function compute(state, base, own) {
  const pieces = Object.entries(state.filters).filter(([name]) => !isTime(name));
  const detailed = !base || pieces.length > 0;
  const cells = detailed ? own : base;
  const periods = axis(state, base, own);
  const points = series(state, periods, cells, base, pieces);
  const chosen = points.filter((point) => inTime(state, point.period, null));
  const stating = detailed || !own ? null : new Set(own.keys.month.values);
  const tables = state.by.map((name) => isTime(name)
    ? { name, rows: timeRows(state, points, name) }
    : { name, rows: own ? rows(state, own, name) : [], missing: !own,
      without: stating ? chosen.filter(({ period, figure }) => figure.has && !stating.has(period)).map(({ period }) => period) : [] });
  return { points, total: figures.sum(chosen.map((point) => point.figure)), tables, detailed,
    months: chosen.map((point) => point.period), yearly: grain(own, detailed) === "fiscal_year" };
}

const grain = (own, detailed) => (detailed && own ? own.grain : "month");

/** The periods of the series, without holes: months, or Octobers where the cells are by fiscal year. */
function axis(state, base, own) {
  const step = grain(own, !base || Object.keys(state.filters).some((name) => !isTime(name))) === "month" ? 1 : 12;
  const known = (step === 12 ? own : base ?? own)?.keys.month.values ?? [];
  if (!known.length) return [];
  const found = [];
  for (let at = index(known[0]); at <= index(known[known.length - 1]); at += step) found.push(monthAt(at));
  return found.filter((month) => (!state.from || month >= state.from) && (!state.to || month <= state.to));
}

/** Whether a month passes the time filters, leaving out that of `except`. */
export function inTime(state, month, except) {
  return Object.entries(state.filters).every(
    ([name, value]) => !isTime(name) || name === except || TIME[name](month) === value);
}

function series(state, periods, cells, base, pieces) {
  if (!cells) return periods.map((period) => ({ period, figure: figures.gap("no_detail") }));
  const filters = Object.fromEntries(pieces.map(([name, value]) => [name, (one) => one === value]));
  const sums = cells.grouped("month", state.measure, filters, pieces);
  // A fiscal year's cells say themselves whether the year is complete; a month's total says it of the month.
  const based = base !== null && cells.grain === "month";
  const all = based && cells !== base ? base.grouped("month", state.measure, {}, []) : null;
  const present = pieces.length ? cells.grouped("month", state.measure, {}, []) : sums;
  const [here, whole, there] = [sums, all, present].map((found) => found && codes(found.values));
  const silent = unstatedIn(state, cells, pieces);
  return periods.map((period) => {
    const code = there.get(period);
    const { reason, more } = silent(code, sums);
    const figure = figures.at(sums, here.get(period));
    if (figure) return { period, figure: held(figure.has ? figures.opened(figure, more) : figure) };
    const month = whole ? figures.at(all, whole.get(period)) : null;
    const missing = absent(month, figures.at(present, code), based);
    if (reason && (missing.has || missing.reasons[0] === "incomplete")) return { period, figure: figures.gap(reason) };
    return { period, figure: missing.has ? figures.opened(missing, more) : missing };
  });
}

/**
 * For a month's code: `more`, what the cells add up to that do not state something the filters ask for and contradict
 * nothing; and `reason`, why no cell of the month states it, where none does.
 */
function unstatedIn(state, cells, pieces) {
  const asked = pieces.map(([name, value]) => [name, value, cells.unstated(name, value)]);
  if (!asked.some(([, , hidden]) => hidden.length)) return () => ({ reason: null, more: 0 });
  const ask = (label, accepts) => cells.grouped("month", state.measure,
    Object.fromEntries(asked.map(([name, value, hidden]) => [name, (one) => accepts(one, value, hidden)])), [label, pieces]);
  const loose = ask("loose", (one, value, hidden) => one === value || hidden.includes(one));
  const stated = ask("stated", (one, value, hidden) => !hidden.includes(one));
  const reasons = asked.flatMap(([name, , hidden]) => hidden.filter((one) => REASONS[one.slice(1)]).map((one) =>
    [one.slice(1), cells.grouped("month", state.measure, { [name]: (value) => value === one }, [name, one])]));
  return (code, exact) => {
    if (code === undefined) return { reason: null, more: 0 };
    const more = loose.low[code] + loose.extra[code] - exact.low[code] - exact.extra[code];
    const known = stated.has[code] || stated.silent[code];
    const why = reasons.find(([, sums]) => sums.has[code]);
    return { reason: known ? null : why ? why[0] : "unstated", more };
  };
}

const codes = (values) => new Map(values.map((value, code) => [value, code]));
const held = (figure) => ({ ...figure, months: 1, held: figure.has ? 1 : 0 });

/**
 * What it means that no cell is there. `month` is the month's own total, `cells` all the cells of the month.
 * Zero is said only where the month's total is reported and its release has cells of this kind.
 */
function absent(month, cells, based) {
  if (based && !month) return figures.gap("-");
  if (month && !month.has) return figures.gap(month.reasons[0]);
  if (month && month.low === 0 && month.mask === REPORTED) return figures.zero();
  if (!cells) return figures.gap(based ? "no_detail" : "-");
  const whole = month ?? cells;
  return whole.mask === REPORTED && !whole.silent ? figures.zero() : figures.gap("incomplete");
}

function timeRows(state, points, name) {
  const groups = new Map();
  for (const { period, figure } of points) {
    if (!inTime(state, period, name)) continue;
    const value = TIME[name](period);
    if (!groups.has(value)) groups.set(value, []);
    groups.get(value).push(figure);
  }
  const cut = state.from || state.to || Object.keys(state.filters).some((one) => isTime(one) && one !== name);
  const year = name !== "month" && !cut && points.length > 1 && index(points[1].period) - index(points[0].period) === 1;
  return [...groups].map(([value, found]) => ({ value, figure: year ? wholeYear(figures.sum(found)) : figures.sum(found) }));
}

/** A year holds twelve months: those before the first and after the last on record have no number either. */
function wholeYear(figure) {
  if (figure.months === 12) return figure;
  return { ...figure, months: 12, reasons: [...new Set([...figure.reasons, "-"])] };
}

/** The filters of a state as predicates. */
function predicates(state) {
  const found = {};
  for (const [name, value] of Object.entries(state.filters)) {
    if (!isTime(name)) found[name] = (one) => one === value;
  }
  found.month = (month) => inTime(state, month, null) && (!state.from || month >= state.from) &&
    (!state.to || month <= state.to);
  return found;
}

function rows(state, own, name) {
  const others = without(state.filters, [name]);
  const asked = [Object.entries(others).sort(), state.from, state.to];
  const sums = own.grouped(name, state.measure, predicates({ ...state, filters: others }), asked);
  return sums.values.map((value, code) => ({ value, figure: figures.at(sums, code) }))
    .filter((row) => row.figure)
    .sort((a, b) => b.figure.low - a.figure.low || (a.value < b.value ? -1 : 1));
}

/** Figures by state or county for the map, under every filter but the map's own. */
export function mapped(state, own) {
  return rows({ ...state, filters: without(state.filters, state.map === "state" ? ["state", "county"] : ["county"]) },
    own, state.map);
}

const without = (filters, names) => Object.fromEntries(Object.entries(filters).filter(([name]) => !names.includes(name)));
