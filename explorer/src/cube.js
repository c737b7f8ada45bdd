// Cells as columns of codes and counts, and one pass over them for each question.

// The statuses a cell may have, each one bit, so that a group's statuses are an `or`. Silences in order of precedence.
export const STATUSES = [
  "reported", "at_least", "partial", "withheld", "unreadable", "ids_do_not_join", "not_disclosed", "not_in_release",
  "not_released", "-",
];
export const bit = (status) => 1 << Math.max(0, STATUSES.indexOf(STATUSES.includes(status) ? status : "-"));
const KEPT = 40;
const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };

/** Packed whole numbers -> a typed array of `rows` of them. */
export function unpack(packed, rows) {
  if ("all" in packed) return new (packed.all < 256 ? Uint8Array : Uint32Array)(rows).fill(packed.all);
  const text = atob(packed.base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new ARRAYS[packed.width](bytes.buffer);
}

const fiscalYear = (month) => String(Number(month.slice(0, 4)) + (month.slice(5) >= "10" ? 1 : 0));
export const TIME = { month: (month) => month, fiscal_year: fiscalYear, year: (month) => month.slice(0, 4) };

// A place is written state|FIPS|county. Without a FIPS it is the rest of its state, and stays one.
const county = (place) => {
  const [state, fips] = place.split("|");
  return fips || `${state}-rest`;
};

export class Cube {
  constructor(raw) {
    this.rows = raw.rows;
    this.grain = raw.grain;
    this.measures = raw.measures;
    this.keys = {};
    this.answers = new Map();
    this.dimensions = {};
    for (const [name, key] of Object.entries(raw.keys)) {
      this.keys[name] = { codes: unpack(key.codes, raw.rows), values: key.values };
      if (name === "month") for (const [time, of] of Object.entries(TIME)) this.derive(time, "month", of);
      else if (name === "place") {
        this.derive("state", "place", (place) => place.split("|")[0] || "?");
        this.derive("county", "place", county);
      } else this.derive(name, name, (value) => value || "?");
    }
    this.counts = raw.measures.map((name) => unpack(raw.counts[name], raw.rows));
    this.undetermined = raw.measures.map((name) => unpack(raw.undetermined[name], raw.rows));
    this.status = unpack(raw.status.codes, raw.rows);
    this.bits = raw.measures.map((_, at) => Uint16Array.from(raw.status.values, (of) => bit(of[at])));
  }

  /** A dimension is a key's values, or what `of` makes of them. */
  derive(name, key, of) {
    const texts = this.keys[key].values.map(of);
    const values = [...new Set(texts)].sort();
    const places = new Map(values.map((value, code) => [value, code]));
    this.dimensions[name] = { key, values, lookup: Uint16Array.from(texts, (text) => places.get(text)) };
  }

  /** The values of a dimension that may hide `value`: unknown ones; of a county also the rest of its state. */
  unstated(name, value) {
    const { key, values, lookup } = this.dimensions[name];
    if (name !== "county") return value.startsWith("?") ? [] : values.filter((one) => one.startsWith("?"));
    if (value.endsWith("-rest")) return [];
    const codes = this.keys[key].values.flatMap((place, code) => (values[lookup[code]] === value ? [place.split("|")[0]] : []));
    return values.filter((one) => one === "-rest" || one === "?-rest" || codes.some((state) => one === `${state}-rest`));
  }

  /** Take each cell's status from its month: for cells that count rows and know no silence of their own. */
  statusByMonth(statusOf) {
    this.answers.clear();
    this.status = this.keys.month.codes;
    this.bits = this.measures.map(() => Uint16Array.from(this.keys.month.values, statusOf));
  }

  /** For each key a filter touches: which of its codes pass. `filters` maps a dimension to a predicate on values. */
  passing(filters) {
    const masks = new Map();
    for (const [name, accepts] of Object.entries(filters)) {
      const { key, values, lookup } = this.dimensions[name];
      const good = values.map(accepts);
      const mask = masks.get(key) ?? new Uint8Array(lookup.length).fill(1);
      for (let code = 0; code < lookup.length; code++) if (!good[lookup[code]]) mask[code] = 0;
      masks.set(key, mask);
    }
    return [...masks].filter(([, mask]) => mask.includes(0)).map(([key, mask]) => [this.keys[key].codes, mask]);
  }

  /** The sums of group(), kept: a click changes few of the questions. `asked` names the filters, for they are functions. */
  grouped(name, measure, filters, asked) {
    const question = JSON.stringify([name, measure, asked]);
    if (!this.answers.has(question)) {
      if (this.answers.size >= KEPT) this.answers.delete(this.answers.keys().next().value);
      this.answers.set(question, this.group(name, measure, filters));
    }
    return this.answers.get(question);
  }

  /**
   * Sums by the values of `name`: the determined count, what is undetermined on top, the cells with and without a
   * number, and every status met. A cell without a number adds to neither sum.
   */
  group(name, measure, filters) {
    const { key, values, lookup } = this.dimensions[name];
    const at = this.measures.indexOf(measure);
    const [codes, counts, extra, status, bits] =
      [this.keys[key].codes, this.counts[at], this.undetermined[at], this.status, this.bits[at]];
    const sums = { values, low: new Float64Array(values.length), extra: new Float64Array(values.length),
      has: new Uint32Array(values.length), silent: new Uint32Array(values.length), mask: new Uint16Array(values.length) };
    const masks = this.passing(filters);
    // The first two filters by name: reading them through a list costs more than the sums.
    const [[one, oneMask] = [], [two, twoMask] = [], ...others] = masks;
    rows: for (let i = 0; i < this.rows; i++) {
      if (one !== undefined && oneMask[one[i]] === 0) continue;
      if (two !== undefined && twoMask[two[i]] === 0) continue;
      for (let j = 0; j < others.length; j++) if (others[j][1][others[j][0][i]] === 0) continue rows;
      const code = lookup[codes[i]];
      const count = counts[i];
      sums.mask[code] |= bits[status[i]];
      if (count === 0) sums.silent[code]++;
      else {
        sums.has[code]++;
        sums.low[code] += count - 1;
        if (extra[i] > 1) sums.extra[code] += extra[i] - 1;
      }
    }
    return sums;
  }
}
