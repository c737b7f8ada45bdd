"""A figure -> the rule, the release that serves it, and the source rows behind it as written in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.warehouse.trace.written import ask, cells_of, open_published, published_releases, staged_as_published

RULES = {
    "all": "every removal of the population that departed in the month",
    "convicted": "removals in the month whose record shows a conviction: a level, a code other than 0000, or a stated "
    "criminality of convicted",
    "level1": "removals in the month whose most serious conviction is Level 1: as stated, else by its NCIC code",
    "detainer_linked": "removals in the month with a detainer for the same person, prepared on or before the day of "
    "departure: on the record itself, else joined within the release by person",
}
# Any one of these sets of fields is enough to tell who is in a subset.
_NEEDS = {
    "convicted": (("reported_threat_level",), ("msc_code",), ("criminality",)),
    "level1": (("reported_threat_level",), ("msc_code",)),
    "detainer_linked": (
        ("detainer_prepare_date",),
        ("person_id", "detainers.person_id", "detainers.detainer_prepare_date"),
    ),
}


@dataclass(frozen=True)
class Figure:
    """One figure of monthly_removals, the release that served it, and what keeps it from being known."""

    month: date
    population: str
    subset: str
    removals: int | None
    status: str
    origin: str
    release_id: str
    title: str
    received: date | None
    reason: str
    obstacles: tuple[str, ...] = ()

    def in_words(self) -> list[str]:
        """The figure, the rule behind it and where it comes from."""
        value = "null" if self.removals is None else f"{self.removals:,}"
        is_counted = self.origin == "records"
        how = "counted from its rows" if is_counted else "as printed there"
        received = f", received {self.received}" if self.received else ""
        return [
            f"{self.month:%Y-%m}, {self.population}, {self.subset}: {value}, {self.status}",
            *(f"{self.status} because: {obstacle}" for obstacle in self.obstacles),
            f"rule: {RULES[self.subset]}{'' if is_counted else '; how the publisher counted may differ'}",
            f"from: {self.release_id} ({self.title}{received}), {how}",
            f"this release because: {self.reason}",
        ]


def find_figure(project: Project, month: date, population: str, subset: str) -> Figure:
    """The figure as published. Raises UserError where there is none."""
    with open_published(project) as connection:
        found = ask(connection, _FIGURE, [month, population, subset])
        if not found:
            raise UserError(_no_figure(ask(connection, _MONTHS), month, population, subset))
        covers_from, covers_to = found[0].pop("covers_from"), found[0].pop("covers_to")
        figure = Figure(**found[0])
        if (figure.origin, figure.status) == ("records", "withheld"):
            facts = {row["field"]: row for row in ask(connection, _DISCLOSURE, [figure.release_id, month])}
            return Figure(**{**found[0], "obstacles": tuple(_obstacles(subset, facts))})
        if figure.status == "partial":
            covered = f"the release covers {covers_from or 'its first row'} to {covers_to or 'its last row'}"
            return Figure(**{**found[0], "obstacles": (covered,)})
        return figure


def _no_figure(known: list[dict[str, Any]], month: date, population: str, subset: str) -> str:
    """What is asked for, and what could be."""
    wanted = f"{month:%Y-%m}: no figure for population {population}, subset {subset}"
    of_subset = [f"{each['population']}, {each['subset']}" for each in known]
    for each in known:
        if (each["population"], each["subset"]) == (population, subset):
            return f"{wanted}; there are figures from {each['first']:%Y-%m} to {each['last']:%Y-%m}"
    return f"{wanted}; there are figures for: {'; '.join(of_subset) or 'nothing'}"


def source_rows(project: Project, figure: Figure) -> Iterator[dict[str, Any]]:
    """Each source row behind a figure: release, file, sheet, row, and every cell as written.

    Of a printed figure its one cell: `column` and `value`. Of a removal joined to a detainer by person also `detainer`:
    where that one stands.
    """
    with open_published(project) as connection:
        behind = ask(connection, _BEHIND, [figure.month, figure.population, figure.subset])
        detainers = ask(connection, _DETAINERS, [figure.month, figure.population]) if _is_linked(figure) else []
        releases = published_releases(connection)
    detainer_of = {tuple(row.values())[:-1]: {"detainer": row["detainer"]} for row in detainers}
    by_sheet: dict[tuple[str, str, str | None], list[dict[str, Any]]] = {}
    for place in behind:
        by_sheet.setdefault((place["release"], place["file"], place["sheet"]), []).append(place)
    for (release, file, name), places in by_sheet.items():
        staged = staged_as_published(project, release, releases[release])
        sheet = next(each for each in staged.sheets if (each.file, each.sheet) == (file, name))
        cells = cells_of(staged, sheet, [place["row"] for place in places])
        for place in places:
            column, written = place.pop("column"), cells[place["row"]]
            if column:
                yield {**place, "column": column, "value": written[column]}
            else:
                place |= detainer_of.get((file, name, place["row"]), {})
                # A file may have a column called `row` of its own.
                yield {**place, **{f"{key} as written" if key in place else key: written[key] for key in written}}


def _is_linked(figure: Figure) -> bool:
    return (figure.origin, figure.subset) == ("records", "detainer_linked")


def _obstacles(subset: str, facts: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What keeps each field that could tell from telling."""
    fields = list(dict.fromkeys(field for needed in _NEEDS.get(subset, ()) for field in needed))
    there = [field for field in fields if field in facts and facts[field]["column_present"]]
    for field in there:
        if facts[field]["is_declared"]:
            yield f"its manifest declares {field} withheld"
        elif facts[field]["redacted"] and not facts[field]["disclosed"]:
            yield f"every value of {field} is redacted"
    if missing := [field for field in fields if field not in there]:
        yield f"the release has no column in the month for {', '.join(missing)}"


_FIGURE = """
select figures.month, figures.population, figures.subset, figures.removals, figures.status, figures.origin,
    figures.release_id, coalesce(releases.title, figures.release_id) as title, releases.received,
    case
        when sources.release_id = figures.release_id then sources.reason
        when sources.release_id is null then 'no release reports the month; this one says why'
        else 'the release that serves the month has no such figure, and this one prints it'
    end as reason,
    releases.covers_from, releases.covers_to
from monthly_removals as figures
left join meta.releases as releases on releases.release_id = figures.release_id
left join meta.month_sources as sources on sources.month = figures.month and sources.population = figures.population
where figures.month = ? and figures.population = ? and figures.subset = ?
"""
_MONTHS = """
select population, subset, min(month) as first, max(month) as last
from monthly_removals
group by population, subset
order by population desc, list_position(['all', 'convicted', 'level1', 'detainer_linked'], subset)
"""
_BEHIND = """
select release_id as release, source_file as file, source_sheet as sheet, source_row as row, source_column as column
from trace(?, ?, ?)
"""
# A removal joined to a detainer by person: where the last such detainer stands, in any of the release's files.
_DETAINERS = """
select links.source_file, links.source_sheet, links.source_row, min(concat(
        detainers.source_file, coalesce(':' || detainers.source_sheet, ''), ':', detainers.source_row
    )) as detainer
from detainer_linked_removals as links
inner join detainers_by_release as detainers
    on detainers.release_id = links.release_id
    and detainers.person_id = links.person_id
    and detainers.detainer_prepare_date = links.linked_detainer_date
where links.month = ? and links.population = ? and links.link_method = 'joined'
group by all
"""
_DISCLOSURE = """
select disclosure.field, disclosure.disclosed, disclosure.redacted, disclosure.column_present,
    exists (
        select 1 from meta.withheld_fields as declared
        where declared.release_id = disclosure.release_id
            and declared.field = disclosure.field
            and declared.first_month <= disclosure.month
            and coalesce(declared.last_month, disclosure.month) >= disclosure.month
    ) as is_declared
from field_disclosure as disclosure
where disclosure.release_id = ? and disclosure.month = ?
"""
