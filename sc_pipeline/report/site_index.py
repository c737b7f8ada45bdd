"""What a site ships -> its first page: what it is, of when, from which releases, and where each file is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb
from markupsafe import Markup

from sc_pipeline import __version__
from sc_pipeline.report.rows import Rows
from sc_pipeline.report.style import policy, style, template
from sc_pipeline.report.words import day_word, month_word
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import describe
from sc_pipeline.warehouse.export import DATABASE


@dataclass(frozen=True)
class ShippedTable:
    """A table of the site: its name, what it means, and how many rows it has."""

    name: str
    meaning: str
    rows: int


@dataclass(frozen=True)
class Shipped:
    """What a site holds: tables of counts, row tables if any, and what they were made from."""

    tables: tuple[ShippedTable, ...]
    row_tables: tuple[ShippedTable, ...]
    releases: Rows
    latest_month: date | None
    built: date

    @property
    def simulated(self) -> tuple[str, ...]:
        """The releases that are simulated."""
        return tuple(row["release_id"] for row in self.releases if row["synthetic"])

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, tables: Iterable[str], rows: Iterable[str]) -> "Shipped":
        """Read it from the published file. The day is the one on which the file was built: no clock is read."""
        releases = connection.execute("from meta.releases order by received, release_id").to_arrow_table().to_pylist()
        latest = "select max(month) from main.monthly_removals where removals is not null"
        ((latest_month,),) = connection.execute(latest).fetchall()
        ((built,),) = connection.execute("select max(built_at)[:10] from meta.tables").fetchall()
        return cls(
            tuple(_table(connection, name) for name in tables),
            tuple(_table(connection, name) for name in rows),
            releases,
            latest_month,
            date.fromisoformat(built),
        )


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> ShippedTable:
    ((rows,),) = connection.execute(f"select count(*) from {name}").fetchall()
    return ShippedTable(name, describe(MODELS[name]).replace("`", ""), rows)


def index_page(shipped: Shipped) -> str:
    """The page as HTML."""
    look = style()
    return template("site.html").render(
        style=Markup(look),
        policy=policy(look),
        shipped=shipped,
        releases=[{**row, "said": _release_words(row)} for row in shipped.releases],
        latest=month_word(shipped.latest_month) if shipped.latest_month else None,
        built=day_word(shipped.built),
        database=DATABASE,
        version=__version__,
    )


def _release_words(row: dict[str, object]) -> str:
    """Who made the release public, whose records it holds, when it was received."""
    said = [str(row["publisher"])] if row["publisher"] else []
    said += [f"{row['agency']} records"] if row["agency"] else []
    said += [f"FOIA request {row['foia_request']}"] if row["foia_request"] else []
    said += [f"received {day_word(row['received'])}"] if isinstance(row["received"], date) else []
    return ", ".join(said)
