// What the codes of the data are called on the page.

export const SUBJECTS = {
  places: {
    title: "Months and places", base: "months", map: true, own: "places",
    dimensions: ["fiscal_year", "year", "month", "state", "county"], first: ["fiscal_year", "state", "county"],
    measures: ["removals", "convicted", "not_convicted", "level1", "detainer_linked"],
  },
  areas: {
    title: "ICE areas", base: "months", own: "ICE areas",
    dimensions: ["fiscal_year", "year", "month", "aor"], first: ["fiscal_year", "aor", "month"],
    measures: ["removals", "convicted", "not_convicted", "level1", "detainer_linked"],
  },
  people: {
    title: "People", base: "months", own: "traits of the people removed",
    dimensions: ["fiscal_year", "year", "month", "state", "aor", "citizenship", "gender", "age_group", "conviction",
      "departure_kind"],
    first: ["citizenship", "conviction", "age_group"], measures: ["removals"],
  },
  detainers: {
    title: "Detainers", base: null, own: "detainers",
    dimensions: ["fiscal_year", "year", "month", "facility_state", "facility_aor", "biometric_match"],
    first: ["fiscal_year", "facility_state", "facility_aor"],
    measures: ["detainers", "departed_within_90_days", "departed_within_365_days", "lifted", "declined"],
  },
};
export const POPULATIONS = { sc: "Secure Communities removals", ice: "ICE removals" };

// Each measure: its name in the list, and what follows the population in a sentence (of detainers: all of it).
export const MEASURES = {
  removals: ["All removals", ""],
  convicted: ["Any conviction", " of people convicted of any offense"],
  not_convicted: ["Not convicted", " of people not convicted of any offense"],
  level1: ["Level 1 offense", " of people convicted of a Level 1 offense"],
  detainer_linked: ["With a prior detainer", " with a prior detainer"],
  detainers: ["Detainers prepared", "detainers prepared"],
  departed_within_90_days: ["Departed within 90 days", "detainers whose person departed within 90 days"],
  departed_within_365_days: ["Departed within 365 days", "detainers whose person departed within 365 days"],
  lifted: ["Lifted", "detainers lifted"],
  declined: ["Declined by the jail", "detainers that the jail declined"],
};
export const COUNTED = {
  removals: "One removal is one departure in the records. Secure Communities removals are a subset of all ICE removals; never add the two.",
  convicted: "The first of these fields with a value decides: criminality, status of the most serious conviction, stated level, offense code. A pending charge is not a conviction.",
  not_convicted: "Removals whose records determine that there was no conviction. Records that cannot tell are undetermined, not counted here.",
  level1: "Of the convicted, those at Level 1 on the one basis each release has: the person's level (2011) or the offense's level (2009). Do not compare months across bases.",
  detainer_linked: "A detainer was prepared for the same person on or before the day of departure. Nobody can tell from the records whether it played a role.",
  detainers: "Detainers by the month they were prepared. A detainer is not a removal: never compare the two month by month as if one caused the other.",
  departed_within_90_days: "Detainers whose person departed within 90 days of the preparation date. Months whose window is not over yet have no number.",
  departed_within_365_days: "Detainers whose person departed within 365 days of the preparation date. Months whose window is not over yet have no number.",
  lifted: "Detainers with a date or reason of lifting in the records.",
  declined: "Detainers lifted because the jail declined to hold the person.",
};

export const DIMENSIONS = {
  fiscal_year: "Fiscal year", year: "Calendar year", month: "Month", state: "State", county: "County",
  aor: "ICE area of responsibility", citizenship: "Citizenship", gender: "Gender", age_group: "Age at removal",
  conviction: "Kind of conviction", departure_kind: "Kind of departure", facility_state: "State of the facility",
  facility_aor: "ICE area of the facility", biometric_match: "Fingerprint match",
};
export const REASONS = {
  withheld: "withheld by ICE",
  unreadable: "in the files but not readable",
  ids_do_not_join: "identifiers of removals and detainers do not match",
  not_disclosed: "blank in the release",
  not_in_release: "not in the release",
  not_released: "not yet released",
  partial: "too little of the month is covered",
  none: "no number in the release",
  "-": "not in any release here",
  no_detail: "the release used for these months does not state this",
  unstated: "no record of the month states it",
  incomplete: "no record for this choice, in months that are not complete",
};
export const BASES = {
  threat_level_2011: "the person's level, ICE's definition of 2011",
  offense_2009: "the offense's level, ICE's definition of 2009 (from a table not verified against ICE's own list)",
  as_published: "the level as its publisher printed it",
};
const STATE_NAMES = {
  AL: "Alabama", AK: "Alaska", AZ: "Arizona", AR: "Arkansas", CA: "California", CO: "Colorado", CT: "Connecticut",
  DE: "Delaware", DC: "District of Columbia", FL: "Florida", GA: "Georgia", HI: "Hawaii", ID: "Idaho", IL: "Illinois",
  IN: "Indiana", IA: "Iowa", KS: "Kansas", KY: "Kentucky", LA: "Louisiana", ME: "Maine", MD: "Maryland",
  MA: "Massachusetts", MI: "Michigan", MN: "Minnesota", MS: "Mississippi", MO: "Missouri", MT: "Montana",
  NE: "Nebraska", NV: "Nevada", NH: "New Hampshire", NJ: "New Jersey", NM: "New Mexico", NY: "New York",
  NC: "North Carolina", ND: "North Dakota", OH: "Ohio", OK: "Oklahoma", OR: "Oregon", PA: "Pennsylvania",
  RI: "Rhode Island", SC: "South Carolina", SD: "South Dakota", TN: "Tennessee", TX: "Texas", UT: "Utah",
  VT: "Vermont", VA: "Virginia", WA: "Washington", WV: "West Virginia", WI: "Wisconsin", WY: "Wyoming",
  PR: "Puerto Rico", GU: "Guam", VI: "U.S. Virgin Islands", MP: "Northern Mariana Islands", AS: "American Samoa",
};
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];

export const number = (value) => value.toLocaleString("en-US");
export const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
export const monthName = (month) => `${MONTHS[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;
export const dayName = (day) => monthName(day.slice(0, 7)).replace(" ", ` ${Number(day.slice(8))}, `);
export const stateName = (state) => STATE_NAMES[state] ?? state;

const unknown = (value) =>
  value === "?" ? "Not known from the records" : `Not known: ${REASONS[value.slice(1)] ?? value.slice(1)}`;

/** A dimension's value as a reader knows it. `places` maps a county's key to its state and name. */
export function label(dimension, value, places) {
  if (dimension === "county" && places?.has(value)) {
    const [state, fips, name] = places.get(value);
    if (!fips) return state === "?" || !state ? "Place not known" : `${stateName(state)}: county not known`;
    return `${name && name !== "?" ? name : `County ${fips}`}, ${state}`;
  }
  if (value.startsWith("?")) return unknown(value);
  if (dimension === "month") return monthName(value);
  if (dimension === "fiscal_year") return `FY ${value}`;
  if (dimension === "state" || dimension === "facility_state") return stateName(value);
  if (dimension === "age_group") return { "00-17": "Under 18", "65+": "65 and over" }[value] ?? value.replace("-", " to ");
  if (dimension === "biometric_match") return { true: "Yes", false: "No" }[value] ?? value;
  return value === value.toUpperCase() ? calmed(value) : value[0].toUpperCase() + value.slice(1);
}

/** A name that the records write in capitals, as a reader writes it: San Antonio Area of Responsibility. */
const calmed = (value) => value.toLowerCase().replace(/\p{L}[\p{L}'’]*/gu, (word, at) =>
  at && ["of", "and", "the"].includes(word) ? word : word[0].toUpperCase() + word.slice(1));

/** Sorted months -> spans in words: "August 2015 to July 2017; October 2017". */
export function spans(months) {
  const runs = [];
  for (const month of months) {
    const last = runs[runs.length - 1];
    if (last && index(month) === index(last[1]) + 1) last[1] = month;
    else runs.push([month, month]);
  }
  return runs.map(([from, to]) => (from === to ? monthName(from) : `${monthName(from)} to ${monthName(to)}`)).join("; ");
}

export const index = (month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
export const monthAt = (at) => `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`;
