// The series as a picture: a line, bands where a number is an interval, hatching where there is none.

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { svg } from "./dom.js";
import * as figures from "./figures.js";
import { REASONS, index, monthName, number } from "./words.js";

const TOP = 26;
const BOTTOM = 26;

/** Consecutive periods without a number for one reason: [{reason, first, last, count}] by position. */
export function silences(points) {
  const runs = [];
  points.forEach(({ figure }, at) => {
    if (figure.has) return;
    const last = runs[runs.length - 1];
    const why = figures.reason(figure);
    if (last && last.last === at - 1 && last.reason === why) last.last = at;
    else runs.push({ reason: why, first: at, last: at });
  });
  return runs;
}

/** Draw `points`; `chosen` holds the positions the time filters pass, `cursor` the one under the pointer or keyboard. */
export function chart(points, width, chosen, cursor, height = 260) {
  const left = 52;
  const slot = (width - left - 8) / points.length;
  const x = (at) => left + slot * (at + 0.5);
  const top = Math.max(1, ...points.map(({ figure }) => (figure.has ? figure.high : 0)));
  const y = scaleLinear().domain([0, top]).nice(4).range([height - BOTTOM, TOP]);
  const known = ({ figure }) => figure.has > 0;
  const across = (_, at) => x(at);
  const band = area().defined(known).x(across).y0(({ figure }) => y(figure.low)).y1(({ figure }) => y(figure.high));
  const curve = line().defined(known).x(across).y(({ figure }) => y(figure.low));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "chart", "aria-hidden": "true" },
    hatching(), silences(points).map((run) => silence(run, x, slot, height)), points.some(known) && yAxis(y, left, width), xAxis(points, x, slot, height),
    chosen && points.map((_, at) => chosen.has(at) || svg("rect", { class: "aside", x: x(at) - slot / 2, y: TOP,
      width: slot, height: height - TOP - BOTTOM })),
    svg("path", { class: "band", d: band(points) }), svg("path", { class: "line", d: curve(points) }),
    points.map((point, at) => dot(points, at, x(at), y)),
    cursor !== null && cursor < points.length && svg("line", { class: "cursor", x1: x(cursor), x2: x(cursor), y1: TOP,
      y2: height - BOTTOM }));
}

/** The position under a pointer at `offset` pixels from the left edge. */
export const positionAt = (offset, width, count) =>
  Math.min(count - 1, Math.max(0, Math.floor((offset - 52) / ((width - 60) / count))));

/** A dot where a lone period has no line, or where the number says less than a full count. */
function dot(points, at, x, y) {
  const { figure } = points[at];
  if (!figure.has) return null;
  const alone = !points[at - 1]?.figure.has && !points[at + 1]?.figure.has;
  const open = figure.silent > 0;
  if (!alone && !open && !figures.isPartial(figure)) return null;
  const kind = figures.isPartial(figure) ? "dot partial" : open ? "dot open" : "dot";
  return svg("circle", { class: kind, cx: x, cy: y(figure.low), r: 3 });
}

const hatching = () => svg("defs", {}, svg("pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse",
  patternTransform: "rotate(45)" }, svg("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 7 })));

function silence(run, x, slot, height) {
  const from = x(run.first) - slot / 2;
  const wide = slot * (run.last - run.first + 1);
  const words = run.reason;
  return svg("g", {},
    svg("rect", { class: "silence", x: from, y: TOP, width: wide, height: height - TOP - BOTTOM }),
    wide > words.length * 6.6 + 12 && svg("text", { class: "why", x: from + wide / 2, y: TOP - 8, "text-anchor": "middle" }, words));
}

const yAxis = (y, left, width) => svg("g", { class: "axis" }, y.ticks(4).filter(Number.isInteger).map((tick) => [
  svg("line", { x1: left, x2: width - 8, y1: y(tick), y2: y(tick) }),
  svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, number(tick)),
]));

function xAxis(points, x, slot, height) {
  const years = points.map(({ period }, at) => [period, at]).filter(([period]) => points.length < 30 && slot > 40
    ? true : period.endsWith(points[0].period.slice(5) === "10" && yearly(points) ? "-10" : "-01"));
  const every = Math.ceil((46 * years.length) / Math.max(1, slot * points.length));
  return svg("g", { class: "axis" }, years.filter((_, nth) => nth % every === 0).map(([period, at]) => [
    svg("line", { x1: x(at), x2: x(at), y1: height - BOTTOM, y2: height - BOTTOM + 4 }),
    svg("text", { x: x(at), y: height - 6, "text-anchor": "middle" }, tickName(points, period)),
  ]));
}

const yearly = (points) => points.length > 1 && index(points[1].period) - index(points[0].period) === 12;

function tickName(points, period) {
  if (yearly(points)) return `FY ${Number(period.slice(0, 4)) + 1}`;
  return period.endsWith("-01") ? period.slice(0, 4) : `${monthName(period).slice(0, 3)} ${period.slice(2, 4)}`;
}

export const periodName = (points, period) =>
  yearly(points) ? `fiscal year ${Number(period.slice(0, 4)) + 1}` : monthName(period);

/** The silences as sentences, for everyone who does not see the hatching. */
export function silenceWords(points) {
  return silences(points).map(({ reason, first, last }) => {
    const [from, to] = [first, last].map((at) => periodName(points, points[at].period));
    const span = first === last ? from : `${from} to ${to}`;
    return `${span[0].toUpperCase()}${span.slice(1)}: ${reason || REASONS.none}`;
  });
}
