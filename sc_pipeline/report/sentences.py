"""Rows -> sentences. Each follows from its rows, and is left out where they hold no number."""

from datetime import date

from sc_pipeline.report.rows import NUMBERED, Row, Rows, Tables, grouped, monthly_shares, numbers, series, year_shares
from sc_pipeline.report.titles import change, spelled
from sc_pipeline.report.verdicts import claim_sentence
from sc_pipeline.report.words import (
    BASES,
    POPULATIONS,
    between,
    capital,
    cell,
    month_word,
    months_words,
    over,
    percent,
    series_words,
)

_POPULATIONS = ("sc", "ice")
# Status -> why the count has no number, after "The number of … is not known for …:".
_SILENT = {
    "unreadable": "a field it needs could not be read",
    "ids_do_not_join": "the identifiers of removals and detainers do not join",
    "not_disclosed": "a field it needs is not disclosed (no record of those months has a value)",
    "not_in_release": "a column or table it needs is not in the release",
}


def lead(tables: Tables) -> list[str]:
    """What the report opens with: totals over one span, shares over several, convictions, claims, what is missing."""
    said = [totals(tables), *shares(tables), *convictions(tables)]
    said += [claim_sentence(row) for row in tables["claim_checks"] if row["verdict"] == "contradicted"]
    main = [row for row in tables["monthly_removals"] if row["subset"] in {"all", "detainer_linked"}]
    return [sentence for sentence in said if sentence] + silences(main)


def totals(tables: Tables) -> str:
    """All removals, and those under Secure Communities, over the months in which both have a number."""
    counts = {population: numbers(series(tables, population, "all")) for population in POPULATIONS}
    known = {population: months for population, months in counts.items() if months}
    if not known:
        return ""
    both = sorted(set.intersection(*(set(months) for months in known.values())))
    if len(known) == 2 and both:
        ice, sc = (_summed(known[population], both) for population in ("ice", "sc"))
        text = f"{capital(over(both))}, ICE carried out {ice} removals; {sc} of them were under Secure Communities"
    else:
        population = "ice" if "ice" in known else "sc"
        both = sorted(known[population])
        kind = "removals" if population == "ice" else POPULATIONS[population]
        text = f"{capital(over(both))}, ICE carried out {_summed(known[population], both)} {kind}"
    cut = {
        row["month"]
        for population in known
        for row in series(tables, population, "all")
        if row["status"] == "partial" and row["month"] in set(both)
    }
    return f"{text}, with {spelled(len(cut), 'month')} not covered in full." if cut else f"{text}."


def _summed(counts: dict[date, tuple[int, int]], months: list[date]) -> str:
    return between(sum(counts[month][0] for month in months), sum(counts[month][1] for month in months))


def shares(tables: Tables) -> list[str]:
    """For each population: the share over all months that have a number, over the last five, and by year."""
    found = []
    for population in _POPULATIONS:
        months = monthly_shares(tables, population)
        rows = {
            row["span"]: row
            for row in tables["detainer_shares"]
            if row["population"] == population and row["span"] in {"all", "last_5"}
        }
        if "all" not in rows or rows["all"]["share_low"] is None:
            continue
        whole = rows["all"]
        text = (
            f"Of the {cell(whole['removals'])} {_of(population)} {over(_held(months, whole))}, "
            f"{_share(whole)} had a prior detainer"
        )
        last = rows.get("last_5")
        if last and last["share_low"] is not None and last["months_held"] < whole["months_held"]:
            text += f"; of the {cell(last['removals'])} {over(_held(months, last))}, {_share(last)} did"
            if population == "sc" and last["share_of_ice"] is not None:
                text += f". That is {percent(last['share_of_ice'])} of all ICE removals in those months"
        found += [f"{text}.", *_by_year(months, population)]
    return found


def _of(population: str) -> str:
    return "ICE removals" if population == "ice" else POPULATIONS[population]


def _by_year(months: Rows, population: str) -> list[str]:
    years = year_shares(months)
    if len(years) < 2:
        return []
    went, first, last = change(years)
    start, end = (f"{_range(*years[year])} in {year}" for year in (first, last))
    subject = f"By calendar year, the share of {_of(population)} with a prior detainer"
    return [f"{subject} {went} from {start} to {end}." if went else f"{subject} was {start} and {end}."]


def _held(months: Rows, row: Row) -> list[date]:
    """The months of a span: as many as it holds, up to its last one."""
    known = [month["month"] for month in months if month["month"] <= row["month"]]
    return known[-row["months_held"] :] or [row["month"]]


def _share(row: Row) -> str:
    """The share in words; the interval where too much is undetermined for one number."""
    return _range(row["share_low"], row["share_high"]) if row["share"] is None else percent(row["share"])


def _range(low: float, high: float) -> str:
    """A share, or between which two it lies."""
    ends = percent(low), percent(high)
    return ends[0] if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]}"


def convictions(tables: Tables) -> list[str]:
    """For each population: the latest month that has both counts, with the basis of Level 1."""
    found = []
    for population in _POPULATIONS:
        rows = {
            subset: {
                row["month"]: row
                for row in series(tables, population, subset)
                if row["status"] in {"reported", "at_least"} and row["removals"] is not None
            }
            for subset in ("convicted", "level1")
        }
        both = set(rows["convicted"]) & set(rows["level1"])
        if not both:
            continue
        month = max(both)
        convicted, level1 = (rows[subset][month] for subset in ("convicted", "level1"))
        basis = f", by {BASES[level1['level_basis']]}" if level1["level_basis"] else ""
        found.append(
            f"In {month_word(month)}, {_count(convicted)} {_of(population)} were of people convicted of an offense; "
            f"of those, {_count(level1)} were of people with a Level 1 offense{basis}."
        )
    return found


def _count(row: Row) -> str:
    low, high = row["removals"], row["removals"] + (row["undetermined"] or 0)
    if high > low:
        return f"between {low:,} and {high:,}"
    return f"at least {low:,}" if row["status"] == "at_least" else f"{low:,}"


def duplicates(tables: Tables) -> list[str]:
    """How many of the counted removals are likely duplicates, for each population that has any."""
    found = []
    for population in _POPULATIONS:
        rows = [row for row in series(tables, population, "all") if row["removals"] is not None]
        likely = sum(row["likely_duplicates"] or 0 for row in rows)
        if likely:
            total = sum(row["removals"] for row in rows)
            found.append(
                f"{cell(likely)} of {cell(total)} {_of(population)} are likely duplicates: another record has "
                "the same person and day. They are counted."
            )
    return found


def unverified(tables: Tables, ranges: Rows) -> list[str]:
    """How much of each Level 1 count by offense rests on code ranges without a source; `ranges` are offense levels."""
    listed_2009 = {row["release_id"] for row in tables["monthly_removals"] if row["level_basis"] == "offense_2009"}
    without = [(row["code_from"], row["code_to"]) for row in ranges if row["source"] == "unverified"]
    found = []
    for population in _POPULATIONS:
        rows = [
            row
            for row in tables["level1_removals"]
            if row["population"] == population and row["release_id"] in listed_2009
        ]
        total = sum(row["rows"] for row in rows)
        resting = sum(
            row["rows"]
            for row in rows
            if row["msc_code"] and any(first <= row["msc_code"] <= last for first, last in without)
        )
        if total:
            found.append(
                f"Of {cell(total)} {_of(population)} counted as Level 1 by the list of 2009, {cell(resting)} "
                f"({percent(resting / total)}) rest on unverified ranges."
            )
    return found


def silences(monthly: Rows) -> list[str]:
    """One sentence for each series and reason: whose number is not known, for which months, and why."""
    silent = [row for row in monthly if row["status"] not in NUMBERED]
    return [
        _silence(status, series_words(population, subset), [row["month"] for row in rows])
        for (population, subset, status), rows in grouped(silent, "population", "subset", "status").items()
    ]


def _silence(status: str, words: str, months: list[date]) -> str:
    span = f"{spelled(len(set(months)), 'month')} ({months_words(months)})"
    if status == "withheld":
        return f"ICE withheld the number of {words} for {span}."
    if status == "not_released":
        return f"The number of {words} is not yet released for {span}."
    return f"The number of {words} is not known for {span}: {_SILENT[status]}."
