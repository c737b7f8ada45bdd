"""What a view of the explorer must show, asked of DuckDB over the same published file."""

import random
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb

from sc_pipeline.report.explorer import build_explorer
from tests.explorer_tables import MEASURES

TIME = {
    "month": "strftime(month, '%Y-%m')",
    "year": "strftime(month, '%Y')",
    "fiscal_year": "strftime(month + interval 3 month, '%Y')",
}
PLACES = {
    "state": "coalesce(nullif(state, ''), '?')",
    "county": "coalesce(nullif(county_fips, ''), coalesce(state, '') || '-rest')",
}
PEOPLE = ("state", "aor", "citizenship", "gender", "age_group", "conviction", "departure_kind")
OUTCOMES = ("facility_state", "facility_aor", "biometric_match")
SUBJECTS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "places": (PLACES, MEASURES),
    "areas": ({"aor": "coalesce(nullif(aor, ''), '?')"}, MEASURES),
    "people": ({name: name for name in PEOPLE}, ("removals",)),
    "detainers": (
        {name: f"coalesce(nullif({name}, ''), '?')" for name in OUTCOMES},
        ("detainers", "departed_within_90_days", "departed_within_365_days", "lifted", "declined"),
    ),
}
CELLS = {"places": "removals_by_place", "areas": "removals_by_aor", "people": "people", "detainers": "outcomes"}


class Oracle:
    """What a view must show, asked of DuckDB over the same file."""

    def __init__(self, published: Path) -> None:
        self.connection = duckdb.connect(published, read_only=True)
        queries = Path(build_explorer.__code__.co_filename).parent
        for name, query in (("people", "people"), ("outcomes", "detainers")):
            text = (queries / f"{query}.sql").read_text(encoding="utf-8")
            self.connection.execute(f"create temp table {name} as {text}")

    def dimensions(self, subject: str) -> dict[str, str]:
        return TIME | SUBJECTS[subject][0]

    def values(self, subject: str, population: str, dimension: str) -> list[str]:
        column = self.dimensions(subject)[dimension]
        return [
            value
            for (value,) in self.connection.execute(
                f"select distinct {column} from {CELLS[subject]} where population = ? or ? = 'detainers' order by 1",
                [population, subject],
            ).fetchall()
        ]

    def rows(self, view: dict[str, Any], table: str, dimension: str, filters: dict[str, str]) -> dict[str, Any]:
        """Value -> (count, upper end or None, whether anything is silent) of the cells that pass `filters`."""
        columns, measure = self.dimensions(view["subject"]), view["measure"]
        where = " and ".join([f"{columns[name]} = ?" for name in filters] or ["true"])
        found = self.connection.execute(
            f"select {columns[dimension]} as key, sum({measure}), sum({measure}_undetermined) filter ({measure} is not"
            f" null), count({measure}) < count(*), bool_and({measure}_status = 'reported') from {table}"
            f" where (population = ? or ? = 'detainers') and {where} group by key",
            [view["population"], view["subject"], *filters.values()],
        ).fetchall()
        return {
            key: (low, None if low is None or silent else low + (more or 0), silent, complete)
            for key, low, more, silent, complete in found
        }

    def unstated(self, view: dict[str, Any], filters: dict[str, str]) -> dict[str, tuple[int, bool]]:
        """Month -> (what may belong to the filters as well, whether any cell states what they ask for)."""
        columns, measure, table = self.dimensions(view["subject"]), view["measure"], CELLS[view["subject"]]
        hidden = {name: self._hidden(view["subject"], name, value) for name, value in filters.items()}
        exact = " and ".join([f"{columns[name]} = '{value}'" for name, value in filters.items()] or ["true"])
        loose = " and ".join(
            [f"({columns[name]} = '{value}' or {hidden[name]})" for name, value in filters.items()] or ["true"]
        )
        stated = " and ".join([f"not ({hidden[name]})" for name in filters] or ["true"])
        counted = f"{measure} + coalesce({measure}_undetermined, 0)"
        found = self.connection.execute(
            f"select strftime(month, '%Y-%m'), coalesce(sum({counted}) filter ({loose}), 0) -"
            f" coalesce(sum({counted}) filter ({exact}), 0), bool_or({stated}) from {table}"
            " where population = ? or ? = 'detainers' group by 1",
            [view["population"], view["subject"]],
        ).fetchall()
        return {month: (more, known) for month, more, known in found}

    def _hidden(self, subject: str, name: str, value: str) -> str:
        """SQL for the values that may hide `value`: unknown ones; of a county also the rest of its state."""
        column = self.dimensions(subject)[name]
        if value.startswith("?") or value.endswith("-rest"):
            return "false"
        if name != "county":
            return f"{column} like '?%'"
        states = f"(select state || '-rest' from removals_by_place where county_fips = '{value}')"
        return f"({column} = '-rest' or {column} in {states})"

    def series(self, view: dict[str, Any]) -> dict[str, tuple[int | None, int | None]]:
        """Each month's count and upper end, (None, None) where it has no number."""
        subject, filters = view["subject"], {k: v for k, v in view["filters"].items() if k not in TIME}
        based = subject != "detainers"
        totals = self.rows(view, "removals_by_month", "month", {}) if based else {}
        cells = self.rows(view, CELLS[subject], "month", filters) if filters or not based else totals
        present = self.rows(view, CELLS[subject], "month", {})
        first, last = min(totals or present), max(totals or present)
        unstated = self.unstated(view, filters) if filters else {}
        points = {}
        for month in months_between(first, last):
            low, high = self._point(month, cells, totals, present, based)
            more, known = unstated.get(month, (0, True))
            if month not in cells and not known:
                low = high = None
            points[month] = (low, None if low is None or high is None else high + more)
        return points

    @staticmethod
    def _point(month: str, cells: Any, totals: Any, present: Any, based: bool) -> tuple[int | None, int | None]:
        if month in cells:
            return cells[month][:2]
        whole = totals.get(month) if based else present.get(month)
        if whole is None or whole[0] is None or not (whole[3] and not whole[2]):
            return None, None
        return (0, 0) if month in present or whole[0] == 0 else (None, None)


def months_between(first: str, last: str) -> list[str]:
    at, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(at, end + 1)]


def time_of(dimension: str, month: str) -> str:
    day = date(int(month[:4]), int(month[5:]), 1)
    return {"month": month, "year": month[:4], "fiscal_year": str(day.year + (day.month >= 10))}[dimension]


def passes(view: dict[str, Any], month: str, leaving_out: str | None = None) -> bool:
    return all(
        time_of(name, month) == value for name, value in view["filters"].items() if name in TIME and name != leaving_out
    )


def added(points: dict[str, tuple[int | None, int | None]]) -> tuple[int | None, int | None]:
    """Months with a number added up; the upper end is open where one of theirs is."""
    lows = [(low, high) for low, high in points.values() if low is not None]
    if not lows:
        return None, None
    return sum(low for low, _ in lows), None if any(high is None for _, high in lows) else sum(h or 0 for _, h in lows)


def expected(oracle: Oracle, view: dict[str, Any]) -> dict[tuple[str, str, str], tuple[int | None, int | None]]:
    series = oracle.series(view)
    chosen = {month: point for month, point in series.items() if passes(view, month)}
    figures = {("total", "", ""): added(chosen)}
    figures |= {("series", "month", month): point for month, point in series.items()}
    for name in view["by"]:
        if name in TIME:
            mine = {month: point for month, point in series.items() if passes(view, month, name)}
            for value in {time_of(name, month) for month in mine}:
                within = {month: point for month, point in mine.items() if time_of(name, month) == value}
                figures["table", name, value] = added(within)
        else:
            filters = {other: value for other, value in view["filters"].items() if other != name}
            rows = oracle.rows(view, CELLS[view["subject"]], name, filters)
            figures |= {("table", name, value): row[:2] for value, row in rows.items()}
    return figures


def random_view(oracle: Oracle, rng: random.Random) -> dict[str, Any]:
    subject = rng.choice(list(SUBJECTS))
    population = rng.choice(["ice", "sc"])
    dimensions = list(oracle.dimensions(subject))
    by = rng.sample(dimensions, 3)
    filtered = rng.sample(dimensions, rng.choice([0, 1, 1, 2, 3]))
    return {
        "subject": subject,
        "population": population,
        "measure": rng.choice(SUBJECTS[subject][1]),
        "by": by,
        "filters": {name: rng.choice(oracle.values(subject, population, name)) for name in filtered},
    }


def address_of(view: dict[str, Any]) -> str:
    said = {name: view[name] for name in ("subject", "population", "measure")} | {"by": ",".join(view["by"])}
    return "#" + urlencode(said | {f"f.{name}": view["filters"][name] for name in sorted(view["filters"])})


def figures_in(rows: list[dict[str, str]]) -> dict[tuple[str, str, str], tuple[int | None, int | None]]:
    return {
        (row["part"], row["dimension"], row["key"].removeprefix("'")): (number(row["count"]), number(row["count_high"]))
        for row in rows
    }


def number(text: str) -> int | None:
    return int(text) if text else None
