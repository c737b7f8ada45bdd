"""Small releases of invented rows in real shapes, each with what must come out: troubles met, and others of their kind.

A case names its files and how to tell that the pipeline is right: a query of what was published that returns no rows,
what a refusal's message must hold, or both where either will do. Queries name the release as `$release`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RECEIVED = {"ice": "2025-07-15", "sc": "2019-06-01"}


@dataclass(frozen=True)
class Case:
    """A release: how its files are made (of its name, so that no two releases share one), and what must come out."""

    name: str
    files: Callable[[str], dict[str, bytes]]
    check: str = ""
    refused: tuple[str, ...] = ()
    population: str = "ice"
    received: str = ""
    manifest: str = ""

    def write(self, raw: Path) -> None:
        """Write the release's folder below `raw`."""
        folder = raw / self.name
        for name, content in self.files(self.name).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if "release.toml" not in self.files(self.name):
            (folder / "release.toml").write_text(self._manifest(), encoding="utf-8")

    def _manifest(self) -> str:
        received = self.received or RECEIVED[self.population]
        lines = ['title = "Invented rows in a real shape"', 'agency = "ICE"', "synthetic = true"]
        lines += [f'population = "{self.population}"'] if self.population == "sc" else []
        lines += [f"received = {received}"] if received != "unstated" else []
        return "\n".join([*lines, self.manifest]) + "\n"


# Checks: a query that returns what is wrong.


def accepted(rows: int) -> str:
    """Every row is a removal and is accepted, no more and no less."""
    return f"""
        select count(*) as accepted
        from removals_by_release
        where release_id = $release
        having count(*) <> {rows}
    """


def accepted_and_left_out(rows: int, *files: str) -> str:
    """The rows are accepted, and each other file or sheet is listed as left out."""
    listed = "".join(
        f"""
        union all
        select 0
        where not exists (
            select 1
            from source_files
            where release_id = $release and left_out is not null and contains(file, '{name}')
        )
        """
        for name in files
    )
    return accepted(rows) + listed


def by_month(**months: int) -> str:
    """The removals of each month of departure; a month is written m2025_03."""
    wanted = ", ".join(f"('{name[1:].replace('_', '-')}', {rows})" for name, rows in months.items())
    return f"""
        with wanted(month, rows) as (values {wanted}),
        found as (
            select strftime(month, '%Y-%m') as month, count(*) as rows
            from removals_by_release
            where release_id = $release
            group by 1
        )
        select coalesce(wanted.month, found.month), wanted.rows, found.rows
        from wanted
        full join found on found.month = wanted.month
        where wanted.rows is distinct from found.rows
    """


def counted(subset: str, rows: int) -> str:
    """The release's rows in a subset; a figure that is silent is right too, another number is not."""
    return f"""
        select sum(removals)
        from release_months
        where release_id = $release and subset = '{subset}'
        having sum(removals) <> {rows}
    """


def exactly(subset: str, rows: int) -> str:
    """The release's rows in a subset, which must have a number."""
    return counted(subset, rows).replace("<>", "is distinct from")


def silent(reason: str, *subsets: str) -> str:
    """No month of these subsets has a number, and its status says why."""
    names = ", ".join(f"'{subset}'" for subset in subsets)
    return f"""
        select month, subset, removals, status
        from release_months
        where release_id = $release and subset in ({names}) and (removals is not null or status <> '{reason}')
        union all
        select null, 'no figure', count(*), null
        from release_months
        where release_id = $release and subset in ({names})
        having count(*) = 0
    """


def both(*checks: str) -> str:
    """All of several checks, each with one column of what is wrong."""
    return "\nunion all\n".join(f"select cast(wrong as varchar) from ({check}) as checked(wrong)" for check in checks)
