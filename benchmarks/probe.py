"""One measurement taken inside a process of its own, printed as JSON: `python -m benchmarks.probe NAME ARGUMENTS`."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

Timed = dict[str, float]


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def steps(raw: str, warehouse: str) -> Timed:
    """Seconds of each step, the functions called without Dagster, in the order of the data."""
    from sc_pipeline import plan as steps
    from sc_pipeline import sql as engine
    from sc_pipeline.project import one_writer, open_project
    from sc_pipeline.raw import register as registry
    from sc_pipeline.report import steps as report
    from sc_pipeline.warehouse import checks as audit
    from sc_pipeline.warehouse import publish as publishing
    from sc_pipeline.warehouse import tables as contents

    project = open_project(Path(raw), Path(warehouse))
    project.warehouse.mkdir(parents=True, exist_ok=True)
    with one_writer(project, "a benchmark"):
        found: Timed = {"hash the files": _timed(lambda: registry.look(project))}
        releases = registry.look(project).releases
        found["stage"] = sum(_timed(lambda release=release: steps.stage_rows(project, release)) for release in releases)
        found["clean and validate"] = sum(
            _timed(lambda release=release: steps.clean_rows(project, release)) for release in releases
        )
        steps.register(project)
        for stage in ("core", "meta", "marts"):
            found[stage] = 0.0
        for table in engine.sql_tables().values():
            found[table.stage] += _timed(lambda table=table: steps.sql_table(project, table.name))
        found["core"] += found.pop("meta")
        # Dagster shows what every check says before anything is published, which audits once more.
        with engine.connect({table: project.store.paths(table) for table in contents.published_tables()}) as connection:
            found["checks"] = _timed(lambda: audit.run_checks(connection))
        found["publish"] = _timed(lambda: publishing.publish(project))
        found["figures and report"] = _timed(lambda: report.make_report(project))
    return found


def workbook(path: str, folder: str) -> Timed:
    """Seconds to stage a workbook, and to read its cells as text with calamine alone."""
    import fastexcel

    from sc_pipeline.raw.hashes import FileHashes
    from sc_pipeline.raw.release import load_release
    from sc_pipeline.staged import stage
    from sc_pipeline.store import Store

    def bare() -> None:
        book = fastexcel.read_excel(path)
        for name in book.sheet_names:
            book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_arrow()

    release = load_release("workbook", Path(path).parent, FileHashes(Path(path).parent))
    store = Store(Path(folder) / "tables")
    pairs = [
        (_timed(bare), _timed(lambda: stage.stage_release(store, release, Path(folder), stage.origin_of(release))))
        for _ in range(3)
    ]
    return {
        "calamine": statistics.median(bare for bare, _ in pairs),
        "stage": statistics.median(staged for _, staged in pairs),
        "ratio": statistics.median(staged / bare for bare, staged in pairs),
    }


def queries(warehouse: str) -> Timed:
    """Seconds of each of the twenty questions of docs/querying.md on a published file: its median over five runs."""
    import duckdb

    from tests.cookbook import Query, queries

    questions: dict[str, Query] = {}
    for query in queries():
        if query.page == "docs/querying.md" and query.heading[0].isdigit() and "population.csv" not in query.sql:
            questions.setdefault(query.heading, query)
    with duckdb.connect(warehouse, read_only=True) as connection:
        return {
            heading: statistics.median(
                _timed(lambda query=query: connection.execute(query.sql).fetchall()) for _ in range(5)
            )
            for heading, query in questions.items()
        }


if __name__ == "__main__":
    probes = {"steps": steps, "workbook": workbook, "queries": queries}
    print(json.dumps(probes[sys.argv[1]](*sys.argv[2:])))
