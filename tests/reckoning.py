"""A release of typed cells -> what each row, month and subset must be, reckoned in plain Python from the design's text.

It shares nothing with the pipeline, so that the two can disagree. Where the text leaves a choice, this one is taken:

- A field that is silent in a month says nothing there, not even where a value is written (a silent field never yields
  a number).
- The code `0000` is a value, but not one that decides: it passes on like a blank.
- A zero is a number where every row is determined. Otherwise each silent field that the subset needs is a reason; a
  field without a column is one only where none of the four that tell of convictions, or no field of the level, has one.
- A code whose possible levels do not hold 1 is not Level 1.
- A month's rows of a field are those whose own table has its column; where no such row is there, the field is not in
  the release that month.
- The rate of months is pooled: values by rows. Of months equally near, the earlier one counts.
- A run of months is unbroken by months without rows; it holds months without a value for whatever reason.
- Unmatched means: no detainer on or before the day of departure. A detainer of the person with an unknown day leaves
  the removal unknown; one without an identifier and without a day may belong to any month.
- The detainers' identifiers are silent in the months of those prepared, or in the whole release; their days only in
  the whole release.
- Where nothing is determined and no field is silent, there is no number, and any reason will do.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

Month = date
Truth = bool | None

SUBSETS = ("all", "convicted", "not_convicted", "level1", "detainer_linked")
CONVICTION_FIELDS = ("criminality", "msc_status", "reported_threat_level", "msc_code")
FIELDS = (*CONVICTION_FIELDS, "person_id", "detainer_prepare_date")
REASONS = ("withheld", "unreadable", "ids_do_not_join", "not_disclosed", "not_in_release")
LEVEL_FIELDS = {"threat_level_2011": "reported_threat_level", "offense_2009": "msc_code"}
DETAINER_DAYS, LATE_DAYS, EXPECTED_VALUES, NEAREST = 365, 30, 7, 12

# The possible levels of the offenses that the releases state, from the list of 2009.
POSSIBLE_LEVELS: dict[str, set[int]] = {
    "0999": {1},
    "1201": {1},
    "1313": {1, 2, 3},
    "2301": {2},
    "2901": {2, 3},
    "3501": {1, 2},
    "5201": {1, 3},
    "5404": {2},
    "5501": {3},
    "6401": {1, 2, 3},
}


@dataclass(frozen=True)
class Cell:
    """What is written in a cell: its state (value, blank, redacted, unreadable), what it means, and the text."""

    state: str
    value: str | date | None = None
    text: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of one kind, `removals` or `detainers`; each row holds a cell for every field that has a column."""

    kind: str
    fields: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]


@dataclass(frozen=True)
class Withheld:
    """A manifest's word that some fields are withheld in some months, both ends included."""

    fields: tuple[str, ...]
    first: Month
    last: Month


@dataclass(frozen=True)
class Release:
    """One release of one population."""

    id: str
    population: str
    received: date
    tables: tuple[Table, ...]
    covers: tuple[date, date] | None = None
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True)
class Membership:
    """One accepted removal: its departure and its three truths."""

    departed: date
    convicted: Truth
    level1: Truth
    detainer_linked: Truth

    def of(self, subset: str) -> Truth:
        """Whether the row belongs to a subset."""
        if subset == "all":
            return True
        if subset == "not_convicted":
            return None if self.convicted is None else not self.convicted
        return getattr(self, subset)


@dataclass(frozen=True)
class Figure:
    """A month's count: the true rows or None, those undetermined, and each status that the text allows."""

    removals: int | None
    undetermined: int
    statuses: frozenset[str]


@dataclass(frozen=True)
class Reckoning:
    """All that a release must come to; rows are keyed by the positions of their table and of the row in it."""

    rows: dict[tuple[int, int], Membership]
    silences: dict[tuple[Month, str], str]
    figures: dict[tuple[Month, str], Figure]
    level_basis: str


@dataclass
class _Detainers:
    """The detainers of a release: the days known of each person's, those without a person, and the table's reach."""

    is_there: bool = False
    by_person: dict[str, list[date | None]] = field(default_factory=dict)
    without_person: list[date | None] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    silent: dict[str, str] = field(default_factory=dict)
    silent_months: dict[Month, set[str]] = field(default_factory=dict)


def reckon(release: Release) -> Reckoning:
    """Membership of every row, silences of every month, and a figure for every month and subset."""
    accepted = _accepted(release)
    months = _months(release, [departed for departed, _, _ in accepted.values()])
    detainers = _detainers(release, accepted)
    silences = _silences(release, accepted, months)
    stated = [row.get("reported_threat_level", Cell("absent")).state for _, row, _ in accepted.values()]
    basis = "threat_level_2011" if "value" in stated else "offense_2009"
    rows = {
        place: _membership(departed, row, {name for at, name in silences if at == _month(departed)}, basis, detainers)
        for place, (departed, row, _) in accepted.items()
    }
    figures = {
        (month, subset): _figure(
            release, subset, month, rows, _reasons(subset, month, silences, basis, detainers), detainers
        )
        for month in months
        for subset in SUBSETS
    }
    return Reckoning(rows, silences, figures, basis)


def serving(releases: dict[str, tuple[Release, Reckoning]], population: str, month: Month) -> str | None:
    """The release that serves a month: one that holds it whole before one that cuts it, then the later received."""
    held = [
        ("partial" not in reckoning.figures[month, "all"].statuses, release.received, name)
        for name, (release, reckoning) in releases.items()
        if release.population == population and (month, "all") in reckoning.figures
    ]
    # Of two that are alike in everything else, the first id.
    best = max((held_whole, received) for held_whole, received, _ in held) if held else None
    return min((name for held_whole, received, name in held if (held_whole, received) == best), default=None)


def _month(day: date) -> Month:
    return day.replace(day=1)


def next_month(month: Month) -> Month:
    """The first of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


Accepted = dict[tuple[int, int], tuple[date, dict[str, Cell], tuple[str, ...]]]


def _accepted(release: Release) -> Accepted:
    """The removals with a day of departure from 1990 to a month after the release was received."""
    last = release.received + timedelta(days=31)
    found: Accepted = {}
    for place, table in enumerate(release.tables):
        for position, row in enumerate(table.rows if table.kind == "removals" else ()):
            departed = row["departed_date"].value
            if isinstance(departed, date) and date(1990, 1, 1) <= departed <= last:
                found[place, position] = (departed, row, table.fields)
    return found


def _months(release: Release, days: list[date]) -> list[Month]:
    months = {_month(day) for day in days}
    if release.covers:
        month = _month(release.covers[0])
        while month <= release.covers[1]:
            months.add(month)
            month = next_month(month)
    return sorted(months)


# Silence


def _silences(release: Release, accepted: Accepted, months: list[Month]) -> dict[tuple[Month, str], str]:
    has_detainers = any(table.kind == "detainers" for table in release.tables)
    silences: dict[tuple[Month, str], str] = {}
    for name in FIELDS:
        states = {month: Counter() for month in months}
        lacking = dict.fromkeys(months, False)
        for departed, row, fields in accepted.values():
            if name in fields:
                states[_month(departed)][row[name].state] += 1
            else:
                lacking[_month(departed)] = True
        if any(name in fields for _, _, fields in accepted.values()):
            judged = {month: _reason(month, states) for month in months}
            judged |= {m: "not_in_release" for m in months if lacking[m] and not states[m].total()}
        else:
            is_joined = name == "detainer_prepare_date" and has_detainers
            judged = dict.fromkeys(months, None if is_joined else "not_in_release")
        judged |= {
            m: "withheld" for m in months for w in release.withheld if name in w.fields and w.first <= m <= w.last
        }
        silences |= {(month, name): reason for month, reason in judged.items() if reason}
    return silences


def _reason(month: Month, states: dict[Month, Counter[str]]) -> str | None:
    """Why a field with a column says nothing in a month, or None where it speaks."""
    has_values = any(found["value"] for found in states.values())
    found = states[month]
    if found["value"]:
        return None
    expected = _expected(month, states)
    for state, reason, other in (("redacted", "withheld", "unreadable"), ("unreadable", "unreadable", "redacted")):
        if found[state] and not found[other] and (not has_values or 2 * found[state] >= expected):
            return reason
    run = sum((_expected(other, states) for other in _run(month, states)), Fraction(0))
    return "not_disclosed" if not has_values or run >= EXPECTED_VALUES else None


def _expected(month: Month, states: dict[Month, Counter[str]]) -> Fraction:
    """The values to be expected in a month: its rows times the rate of the nearest months that have values."""
    near = sorted((m for m in states if states[m]["value"]), key=lambda m: (abs(_number(m) - _number(month)), m))
    near = near[:NEAREST]
    rows = sum(states[m].total() for m in near)
    return Fraction(states[month].total() * sum(states[m]["value"] for m in near), rows) if rows else Fraction(0)


def _number(month: Month) -> int:
    return month.year * 12 + month.month


def _run(month: Month, states: dict[Month, Counter[str]]) -> list[Month]:
    """The months around one, itself included, before the next that has a value on either side."""
    ordered = sorted(states)
    first = last = ordered.index(month)
    while first > 0 and not states[ordered[first - 1]]["value"]:
        first -= 1
    while last + 1 < len(ordered) and not states[ordered[last + 1]]["value"]:
        last += 1
    return ordered[first : last + 1]


# Membership


def _membership(
    departed: date, row: dict[str, Cell], silent: set[str], basis: str, detainers: _Detainers
) -> Membership:
    is_convicted = convicted(row, silent)
    level1 = _level1(row, silent, basis) if is_convicted else is_convicted
    return Membership(departed, is_convicted, level1, _linked(departed, row, silent, detainers))


def convicted(row: dict[str, Cell], silent: set[str]) -> Truth:
    """Whether a row shows a conviction: the first field with a value decides."""
    present = [name for name in CONVICTION_FIELDS if name in row]
    is_remembered = False
    for name in present:
        if name not in silent and row[name].state == "value":
            value = str(row[name].value)
            if name == "criminality":
                return value.startswith("1")
            if name == "msc_status":
                return value == "Convicted"
            if value != "0000":
                return True
        is_remembered = is_remembered or name in silent or row[name].state in ("redacted", "unreadable")
    return None if is_remembered or not present else False


def _level1(row: dict[str, Cell], silent: set[str], basis: str) -> Truth:
    """Whether somebody convicted belongs to Level 1, on the release's one basis."""
    name = LEVEL_FIELDS[basis]
    cell = row.get(name, Cell("absent"))
    if name in silent or cell.state != "value":
        return None
    if name == "reported_threat_level":
        return cell.value == "1"
    possible = POSSIBLE_LEVELS.get(str(cell.value), {1, 2, 3})
    return None if len(possible) > 1 and 1 in possible else possible == {1}


def _linked(departed: date, row: dict[str, Cell], silent: set[str], detainers: _Detainers) -> Truth:
    own = "detainer_prepare_date"
    if not detainers.is_there:
        cell = row.get(own, Cell("absent"))
        is_known = own not in silent and cell.state in ("value", "blank")
        return isinstance(cell.value, date) and cell.value <= departed if is_known else None
    cell = row.get("person_id", Cell("absent"))
    if "person_id" in silent or own in silent or cell.state != "value" or detainers.silent:
        return None
    return _joined(departed, detainers.by_person.get(str(cell.value), []), detainers.days)


def _joined(departed: date, of_person: list[date | None], days: list[date]) -> Truth:
    if any(day is not None and day <= departed for day in of_person):
        return True
    is_early = (departed - min(days)).days < DETAINER_DAYS
    is_gap = _month(departed) not in {_month(day) for day in days}
    return None if None in of_person or is_early or departed > max(days) or is_gap else False


def _detainers(release: Release, accepted: Accepted) -> _Detainers:
    found = _Detainers(is_there=any(table.kind == "detainers" for table in release.tables))
    cells: dict[str, list[Cell]] = {"person_id": [], "detainer_prepare_date": []}
    for table in release.tables:
        for row in table.rows if table.kind == "detainers" else ():
            day = row["detainer_prepare_date"].value
            day = day if isinstance(day, date) else None
            person = row.get("person_id", Cell("absent"))
            if person.state == "value":
                found.by_person.setdefault(str(person.value), []).append(day)
            else:
                found.without_person.append(day)
            found.days += [day] if day else []
            for name in cells:
                cells[name] += [row[name]] if name in row else []
    for name, written in cells.items() if found.is_there else ():
        states = Counter(cell.state for cell in written)
        if not states["value"]:
            found.silent[f"detainers.{name}"] = _whole(states)
    if found.is_there and not found.silent:
        found.silent_months = _months_of_detainers(release)
    removal_ids = {row["person_id"].value for _, row, fields in accepted.values() if "person_id" in fields} - {None}
    if found.by_person and removal_ids and not removal_ids & set(found.by_person):
        found.silent["join"] = "ids_do_not_join"
    return found


def _months_of_detainers(release: Release) -> dict[Month, set[str]]:
    """The months of preparation in which the detainers' identifiers say nothing, and why."""
    states: dict[Month, Counter[str]] = {}
    for table in release.tables:
        for row in table.rows if table.kind == "detainers" else ():
            day = row["detainer_prepare_date"].value
            if isinstance(day, date):
                states.setdefault(_month(day), Counter())[row["person_id"].state] += 1
    return {month: {reason} for month in states if (reason := _reason(month, states))}


def _whole(states: Counter[str]) -> str:
    """Why a column of the detainers without any value says nothing."""
    if not states.total():
        return "not_in_release"
    if states["redacted"] and states["unreadable"]:
        return "not_disclosed"
    return "withheld" if states["redacted"] else "unreadable" if states["unreadable"] else "not_disclosed"


# Figures


def _figure(
    release: Release,
    subset: str,
    month: Month,
    rows: dict[tuple[int, int], Membership],
    reasons: set[str],
    detainers: _Detainers,
) -> Figure:
    here = [row for row in rows.values() if _month(row.departed) == month]
    truths = Counter(row.of(subset) for row in here)
    is_joined = subset == "detainer_linked" and detainers.is_there
    undetermined = truths[None] + (min(truths[False], _may_belong(month, detainers)) if is_joined else 0)
    is_early = is_joined and bool(detainers.days) and (month - min(detainers.days)).days < DETAINER_DAYS
    if undetermined and not truths[True] and reasons:
        return Figure(None, undetermined, frozenset({min(reasons, key=REASONS.index)}))
    if truths[None] and truths[None] == len(here):
        return Figure(None, undetermined, frozenset({"partial"} if is_early else {*REASONS, "partial"}))
    is_partial = is_early or _is_cut(release, month, [row.departed for row in rows.values()])
    status = "partial" if is_partial else "at_least" if undetermined else "reported"
    return Figure(truths[True], undetermined, frozenset({status}))


def _reasons(
    subset: str, month: Month, silences: dict[tuple[Month, str], str], basis: str, detainers: _Detainers
) -> set[str]:
    """Why the fields that a subset needs are silent in a month."""
    if subset == "all":
        return set()
    if subset == "detainer_linked":
        needed = ("person_id", "detainer_prepare_date") if detainers.is_there else ("detainer_prepare_date",)
        found = {silences[month, name] for name in needed if (month, name) in silences}
        return found | {*detainers.silent.values(), *detainers.silent_months.get(month, ())}
    told = [silences.get((month, name)) for name in CONVICTION_FIELDS]
    found = {reason for reason in told if reason and reason != "not_in_release"}
    if subset == "level1" and (month, LEVEL_FIELDS[basis]) in silences:
        found.add(silences[month, LEVEL_FIELDS[basis]])
    return found or ({"not_in_release"} if set(told) == {"not_in_release"} else set())


def _may_belong(month: Month, detainers: _Detainers) -> int:
    """Detainers without an identifier that were, or may have been, prepared in the year before the month's end."""
    end = next_month(month) - timedelta(days=1)
    return sum(day is None or end - timedelta(days=DETAINER_DAYS) < day <= end for day in detainers.without_person)


def _is_cut(release: Release, month: Month, departures: list[date]) -> bool:
    end = next_month(month) - timedelta(days=1)
    if release.covers:
        return release.covers[0] > month or release.covers[1] < end
    return end > max(departures) - timedelta(days=LATE_DAYS)
