// The map of states or counties: five shades by rank, hatching where there is no number, blank where no row.

import { geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";
import { svg } from "./dom.js";
import * as figures from "./figures.js";
import { label, number } from "./words.js";

// Counties renamed or split since the boundaries of the map: a code of the data -> the shape it lies in.
export const SHAPES = { 46113: "46102", "02270": "02158", 51515: "51019", "02063": "02261", "02066": "02261" };
const path = geoPath();

export class Atlas {
  constructor(topology) {
    this.topology = topology;
    this.features = { state: feature(topology, topology.objects.states).features,
      county: feature(topology, topology.objects.counties).features };
    this.names = new Map(this.features.state.map(({ id, properties }) => [properties.name, id]));
    this.drawn = {};
  }

  /** The shape of a value: a state's by its name, a county's by its code; undefined where the map has none. */
  shapeOf(kind, value) {
    if (kind === "state") return this.names.get(label("state", value));
    const code = SHAPES[value] ?? value;
    return this.shapes("county").has(code) ? code : undefined;
  }

  shapes(kind) {
    return this.draw(kind).shapes;
  }

  /** The picture of a kind, drawn once; later calls change its classes alone. */
  draw(kind) {
    if (this.drawn[kind]) return this.drawn[kind];
    const { states, counties } = this.topology.objects;
    const shapes = new Map(this.features[kind].map((shape) => [shape.id,
      svg("path", { d: path(shape), "data-shape": shape.id, class: "blank" }, svg("title", {}))]));
    const borders = mesh(this.topology, kind === "state" ? states : counties, (a, b) => a !== b);
    const picture = svg("svg", { viewBox: "0 0 975 610", class: `map ${kind}`, role: "img" },
      svg("defs", {}, svg("pattern", { id: `map-hatch-${kind}`, width: 5, height: 5, patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)" }, svg("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 5 }))),
      svg("g", {}, [...shapes.values()]), svg("path", { class: "borders", d: path(borders) }),
      kind === "county" && svg("path", { class: "borders strong", d: path(mesh(this.topology, states, (a, b) => a !== b)) }));
    this.drawn[kind] = { picture, shapes, values: new Map() };
    return this.drawn[kind];
  }

  /**
   * Shade the map by rows of {value, figure}. Returns the picture, its legend's bounds, the rows without a shape and
   * which value each shape filters by.
   */
  shade(kind, rows, places, chosen, state) {
    const { picture, shapes, values } = this.draw(kind);
    const grouped = new Map();
    const homeless = [];
    for (const row of rows) {
      const shape = this.shapeOf(kind, row.value);
      if (shape === undefined) homeless.push(row);
      else grouped.set(shape, [...(grouped.get(shape) ?? []), row]);
    }
    const counted = [...grouped].map(([shape, mine]) => [shape, figures.sum(mine.map((row) => row.figure)), mine]);
    const bounds = breaks(counted.filter(([, figure]) => figure.low > 0).map(([, figure]) => figure.low));
    values.clear();
    for (const node of shapes.values()) {
      node.setAttribute("class", "blank");
      node.firstChild.textContent = "";
    }
    for (const [shape, figure, mine] of counted) {
      const node = shapes.get(shape);
      values.set(shape, mine[0].value);
      const on = mine.some((row) => row.value === chosen) ? " on" : "";
      node.setAttribute("class", (figure.has ? shade(figure.low, bounds) : "unknown") + on);
      node.firstChild.textContent = `${mine.map((row) => label(kind, row.value, places)).join(" and ")}: ${figures.text(figure)}`;
    }
    picture.setAttribute("viewBox", this.frame(state));
    return { picture, bounds, homeless, values };
  }

  /** The part of the map to show: all of it, or one state with a margin. */
  frame(state) {
    const id = state && this.names.get(label("state", state));
    const shape = id && this.features.state.find((one) => one.id === id);
    if (!shape) return "0 0 975 610";
    const [[x0, y0], [x1, y1]] = path.bounds(shape);
    const wide = Math.max(x1 - x0, (y1 - y0) * 1.6, 60) * 1.15;
    const high = wide / 1.6;
    return [(x0 + x1 - wide) / 2, (y0 + y1 - high) / 2, wide, high].map((one) => one.toFixed(1)).join(" ");
  }
}

/** Bounds of five classes of about the same size; fewer where numbers repeat. */
export function breaks(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  if (!sorted.length) return [];
  const cuts = [0, 0.2, 0.4, 0.6, 0.8].map((part) => sorted[Math.floor(part * sorted.length)]);
  return [...new Set(cuts)].concat(sorted[sorted.length - 1]);
}

/** A number's class; counts of zero have one of their own. */
export function shade(value, bounds) {
  if (value === 0) return "none";
  let at = 0;
  while (at + 1 < bounds.length - 1 && value >= bounds[at + 1]) at++;
  return `q${at + 7 - bounds.length}`;
}

/** The legend's classes: [class, words]. */
export function legend(bounds) {
  return bounds.slice(0, -1).map((from, at) => {
    const last = at === bounds.length - 2;
    const to = last ? bounds[at + 1] : bounds[at + 1] - 1;
    return [shade(from, bounds), to > from ? `${number(from)} to ${number(to)}` : number(from)];
  });
}
