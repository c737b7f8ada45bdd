"""A figure -> the rule, the release that serves it, and the source rows behind it as written in the file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb

from sc_pipeline import reference
from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.schemas.records import SILENCES, SUBSETS
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.trace.written import ask, written_rows

RULES = {
    "all": "every removal of the population that departed in the month",
    "convicted": "removals in the month whose record shows a conviction: criminality, the conviction's status, the "
    "stated level and an offense code other than 0000 decide in this order",
    "not_convicted": "removals in the month whose record shows no conviction, by the same fields in the same order",
    "level1": "removals in the month of people convicted at Level 1, on the one basis of the release",
    "detainer_linked": "removals in the month with a detainer for the same person, prepared on or before the day of "
    "departure: on the record itself, else joined within the release by person",
}
_BASES = {
    "threat_level_2011": "the person's threat level as the release states it (definition of 2011)",
    "offense_2009": "the offense's level by the reference table (list of 2009, in part not verified)",
    "as_published": "as the publisher counts it",
}
_REASONS = {
    "withheld": "{fields} withheld by the agency",
    "unreadable": "{fields} written in a form that could not be read",
    "ids_do_not_join": "no identifier of the removals is in the table of detainers",
    "not_disclosed": "{fields} blank",
    "not_in_release": "the release has no {fields}",
}


@dataclass(frozen=True)
class Figure:
    """One figure of monthly_removals, the release that served it, and what keeps it from being known."""

    month: date
    population: str
    subset: str
    removals: int | None
    undetermined: int | None
    status: str
    origin: str
    level_basis: str | None
    likely_duplicates: int | None
    release_id: str
    title: str
    received: date | None
    reason: str
    obstacles: tuple[str, ...] = ()

    def in_words(self) -> list[str]:
        """The figure, what is undetermined, the rule behind it and where it comes from."""
        value = "null" if self.removals is None else f"{self.removals:,}"
        is_counted = self.origin == "records"
        how = "counted from its rows" if is_counted else "as printed there"
        received = f", received {self.received}" if self.received else ""
        return [
            f"{self.month:%Y-%m}, {self.population}, {self.subset}: {value}, {self.status}",
            *([f"undetermined: {self.undetermined:,} more at most"] if self.undetermined else []),
            *(f"{self.status} because: {obstacle}" for obstacle in self.obstacles),
            *([f"likely duplicates among them: {self.likely_duplicates:,}"] if self.likely_duplicates else []),
            f"rule: {RULES[self.subset]}{'' if is_counted else '; how the publisher counted may differ'}",
            *([f"Level 1: {_BASES[self.level_basis]}"] if self.level_basis else []),
            f"from: {self.release_id} ({self.title}{received}), {how}",
            f"this release because: {self.reason}",
        ]


def find_figure(project: Project, month: date, population: str | None, subset: str) -> Figure:
    """The figure as published; without a population that of sc, else of ice. Raises UserError where there is none."""
    with open_published(project) as connection:
        having = [row["population"] for row in ask(connection, _POPULATIONS, [month, subset])]
        wanted = population or str(next(iter(having), "sc"))
        found = ask(connection, _FIGURE, [month, wanted, subset])
        if having and not found:
            raise UserError(
                f"{month:%Y-%m}: no figure for population {wanted}, subset {subset}; "
                f"population {having[0]} has one: --population {having[0]}"
            )
        if not found:
            raise UserError(_no_figure(ask(connection, _MONTHS, [list(SUBSETS)]), month, wanted, subset))
        coverage = (found[0].pop("covers_from"), found[0].pop("covers_to"))
        figure = Figure(**found[0])
        return replace(figure, obstacles=tuple(_obstacles(connection, figure, coverage)))


def _obstacles(
    connection: duckdb.DuckDBPyConnection, figure: Figure, coverage: tuple[date | None, date | None]
) -> Iterator[str]:
    """What keeps the figure from being known in full."""
    if figure.origin != "records" or figure.status == "reported":
        return
    if figure.status == "partial":
        if figure.subset == "detainer_linked" and (early := ask(connection, _EARLY, [*_place(figure)])):
            yield f"the release's first detainer is of {early[0]['first_detainer']}; earlier ones are not in it"
        yield f"the release covers {coverage[0] or 'its first row'} to {coverage[1] or 'its last row'}" + (
            "" if coverage[1] else "; nobody declared it, and its last 30 days count as incomplete"
        )
        return
    needed = fields_of(figure.subset, figure.level_basis)
    by_reason: dict[str, list[str]] = {}
    for row in ask(connection, _SILENT, [*_place(figure), figure.month]):
        if row["field"] in needed:
            by_reason.setdefault(row["reason"], []).append(row["field"])
    if figure.status == "at_least":
        # What the release lacks altogether leaves no row undetermined that another field tells.
        by_reason.pop("not_in_release", None)
        if not by_reason:
            yield "some cells that would tell are redacted, unreadable or missing"
    for reason in sorted(by_reason, key=SILENCES.index):
        yield _REASONS[reason].format(fields=", ".join(by_reason[reason]))


def _place(figure: Figure) -> tuple[str, str]:
    return figure.release_id, figure.population


def fields_of(subset: str, level_basis: str | None) -> list[str]:
    """The fields that can tell who is in a subset."""
    return [
        row["field"]
        for row in reference.load("subset_fields").to_pylist()
        if row["subset"] == subset and (level_basis is None or row["level_basis"] in (None, level_basis))
    ]


def _no_figure(known: list[dict[str, Any]], month: date, population: str, subset: str) -> str:
    """What is asked for, and what could be."""
    wanted = f"{month:%Y-%m}: no figure for population {population}, subset {subset}"
    of_subset = [f"{each['population']}, {each['subset']}" for each in known]
    for each in known:
        if (each["population"], each["subset"]) == (population, subset):
            return f"{wanted}; there are figures from {each['first']:%Y-%m} to {each['last']:%Y-%m}"
    return f"{wanted}; there are figures for: {'; '.join(of_subset) or 'nothing'}"


def source_rows(project: Project, figure: Figure) -> Iterator[dict[str, Any]]:
    """Each source row behind a figure: release, file, sheet, row, the agency's own place of it, every cell as written.

    The agency's file, sheet and row (`file_original`, …) are there where the publisher states them. Of a printed figure
    its one cell: `column` and `value`. Of a removal joined to a detainer by person also `detainer`: where that one is.
    """
    with open_published(project) as connection:
        behind = ask(connection, _BEHIND, [figure.month, figure.population, figure.subset])
        detainers = ask(connection, _DETAINERS, [figure.month, figure.population]) if _is_linked(figure) else []
        detainer_of = {tuple(row.values())[:-1]: {"detainer": row["detainer"]} for row in detainers}
        for place in behind:
            place |= detainer_of.get((place["file"], place["sheet"], place["row"]), {})
        yield from written_rows(project, connection, behind)


def _is_linked(figure: Figure) -> bool:
    return (figure.origin, figure.subset) == ("records", "detainer_linked")


_FIGURE = """
select figures.month, figures.population, figures.subset, figures.removals, figures.undetermined, figures.status,
    figures.origin, figures.level_basis, figures.likely_duplicates, figures.release_id,
    coalesce(releases.title, figures.release_id) as title, releases.received,
    case
        when sources.release_id = figures.release_id then sources.reason
        when sources.release_id is null then 'no release has a count for this month; this one gives the reason'
        else 'the release used for this month lacks this figure; this one publishes it'
    end as reason,
    releases.covers_from, releases.covers_to
from monthly_removals as figures
left join releases as releases on releases.release_id = figures.release_id
left join month_sources as sources on sources.month = figures.month and sources.population = figures.population
where figures.month = ? and figures.population = ? and figures.subset = ?
"""
_POPULATIONS = """
select distinct population
from monthly_removals
where month = ? and subset = ?
order by population desc
"""
_MONTHS = """
select population, subset, min(month) as first, max(month) as last
from monthly_removals
group by population, subset
order by population desc, list_position(?, subset)
"""
_BEHIND = """
select release_id as release, source_file as file, source_sheet as sheet, source_row as row, source_column as column
from trace(?, ?, ?)
"""
# A removal joined to a detainer by person: where the last such detainer is, in any of the release's files.
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
_SILENT = "select field, reason from silences where release_id = ? and population = ? and month = ? order by field"
_EARLY = """
select first_detainer from release_bases
where release_id = ? and population = ? and has_detainers_table and first_detainer is not null
"""
