"""`make bench`: simulate, measure in processor seconds, write benchmarks/results/ and docs/performance.md from them."""

import json
import os
import platform
import shutil
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks import data
from benchmarks.duckdb_script import TOTALS
from benchmarks.measure import Cost, python, run
from benchmarks.page import RESULTS, write_page
from benchmarks.planned import planned
from sc_pipeline.project import REPOSITORY

LIBRARIES = ("dagster", "duckdb", "fastexcel", "openpyxl", "pandas", "pandera", "polars", "pyarrow")
# Millions of case rows -> how often each script is run, in turn; the ratios are taken pair by pair.
SCALES = {0.55: 2, 1: 1, 5: 1, 20: 1}
# Past it the pictures are too small a part of a build to measure it without them.
BARE_UP_TO = 1
ADDED_TO = 5
PLANNED = (1_000, 3_000, 10_000)
Measured = dict[str, Any]


def build(raw: Path, warehouse: Path) -> Cost:
    """What `sc-pipeline build` costs."""
    return run(python("sc_pipeline.cli", "build", "--raw", raw, "--warehouse", warehouse))


def bare(raw: Path, warehouse: Path) -> Cost:
    """What a build without pictures, page and explorer costs."""
    return run(python("benchmarks.probe", raw, warehouse))


def scale(millions: float) -> Measured:
    """The pipeline and the DuckDB script over this many million rows, in turn, each from nothing; totals must agree."""
    raw = data.production(millions)
    folder, release = raw.parent, raw / data.RELEASE
    scripts: dict[str, Callable[[], Cost]] = {
        "script": lambda: run(python("benchmarks.duckdb_script", release, folder / "baseline.duckdb")),
        "bare": lambda: _afresh(folder / "warehouse", lambda: bare(raw, folder / "warehouse")),
        "build": lambda: _afresh(folder / "warehouse", lambda: build(raw, folder / "warehouse")),
    }
    if millions > BARE_UP_TO:
        del scripts["bare"]
    found: dict[str, list[Cost]] = {name: [] for name in scripts}
    for _ in range(SCALES[millions]):
        for name, script in scripts.items():
            found[name].append(script())
            _say(f"{millions:g} million rows, {name}: {found[name][-1].cpu:.1f} s of CPU")
    _agree(folder / "warehouse", json.loads(found["script"][-1].printed))
    return {
        "rows": _case_rows(folder / "warehouse"),
        "bytes": sum(file.stat().st_size for file in release.glob("*.csv")),
        **{name: _medians(costs) for name, costs in found.items()},
        "ratios": {name: _ratio(costs, found["script"]) for name, costs in found.items() if name != "script"},
    }


def added(millions: float) -> Measured:
    """What one more release of 50,000 rows costs on top of a built warehouse, and finding nothing to do."""
    raw = data.production(millions)
    warehouse = raw.parent / "warehouse"
    nothing = _medians([build(raw, warehouse) for _ in range(3)])
    folder = data.added(raw)
    try:
        return {"nothing": nothing, "one more": _medians([build(raw, warehouse)])}
    finally:
        shutil.rmtree(folder)


def shipped() -> Measured:
    """The tables that come with the project, beside importing Dagster alone."""
    raw, warehouse = REPOSITORY / "raw", data.DATA / "shipped"
    found: dict[str, list[Cost]] = {"import dagster": [], "bare": [], "build": [], "nothing": []}
    for _ in range(3):
        found["import dagster"].append(run([sys.executable, "-c", "import dagster"]))
        found["bare"].append(_afresh(warehouse, lambda: bare(raw, warehouse)))
        found["build"].append(_afresh(warehouse, lambda: build(raw, warehouse)))
        found["nothing"].append(build(raw, warehouse))
    return {name: _medians(costs) for name, costs in found.items()}


def releases(count: int) -> Measured:
    """Many tiny releases: all of them, nothing to do, one more."""
    folder = data.DATA / f"tiny-{count}"
    shutil.rmtree(folder, ignore_errors=True)
    raw, warehouse = folder / "raw", folder / "warehouse"
    data.tiny(raw, count)
    found = {"build": build(raw, warehouse), "nothing": build(raw, warehouse)}
    data.tiny(raw, count + 1)
    found["one more"] = build(raw, warehouse)
    return {name: _medians([cost]) for name, cost in found.items()}


def planning() -> Measured:
    """A build that finds nothing to do among so many releases: once it asks the plan, then sizes and times tell."""
    found: Measured = {}
    for count in PLANNED:
        folder = data.DATA / f"planned-{count}"
        shutil.rmtree(folder, ignore_errors=True)
        project = planned(folder, count)
        costs = {"plan": build(project.raw, project.warehouse), "nothing": build(project.raw, project.warehouse)}
        found[str(count)] = {name: _medians([cost]) for name, cost in costs.items()}
        shutil.rmtree(folder)
    return found


def workbook() -> Measured:
    """A workbook of 300,000 rows by 41 columns, raw to published, and a user's own script over it."""
    raw = data.workbook()
    warehouse = raw.parent / "warehouse"
    script = run(python("benchmarks.workbook_script", next(raw.glob("*/*.xlsx")), raw.parent / "script"))
    cost = _afresh(warehouse, lambda: build(raw, warehouse))
    return {"script": _medians([script]), "build": _medians([cost])}


def workers() -> Measured:
    """Twenty releases taken in by one process and by two, in turn, each from nothing; what they make must agree."""
    raw, warehouse = data.twenty(), data.DATA / "twenty" / "warehouse"
    found: dict[str, list[Cost]] = {"one": [], "two": []}
    for _ in range(2):
        for number, name in enumerate(found, 1):
            command = python("benchmarks.intake", raw, warehouse, str(number))
            found[name].append(_afresh(warehouse, lambda command=command: run(command)))
            _say(f"20 releases, {name}: {found[name][-1].wall:.1f} s")
    if len({cost.printed for costs in found.values() for cost in costs}) > 1:
        raise RuntimeError("two workers make something else than one")
    return {name: _medians(costs) for name, costs in found.items()}


def _afresh(folder: Path, what: Callable[[], Cost]) -> Cost:
    shutil.rmtree(folder, ignore_errors=True)
    return what()


def _medians(costs: list[Cost]) -> dict[str, float]:
    return {name: statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "peak")}


def _ratio(costs: list[Cost], beside: list[Cost]) -> float:
    return statistics.median(a.cpu / b.cpu for a, b in zip(costs, beside, strict=True))


def _agree(warehouse: Path, totals: dict[str, int]) -> None:
    """A script that counts something else measures something else."""
    with duckdb.connect(warehouse / "sc_pipeline.duckdb", read_only=True) as connection:
        mine = dict(connection.execute(TOTALS).fetchall())
    if totals != mine:
        raise RuntimeError(f"the script counts otherwise than the pipeline: {totals}, {mine}")


def _case_rows(warehouse: Path) -> int:
    with duckdb.connect(warehouse / "sc_pipeline.duckdb", read_only=True) as connection:
        (rows,) = connection.execute("select sum(rows_read)::bigint from meta.source_files").fetchall()[0]
    return rows


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory": memory,
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _say(line: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {line}")


def _parts(up_to: float) -> dict[str, Callable[[], Measured]]:
    """Every measurement by name, the quick ones first."""
    found: dict[str, Callable[[], Measured]] = {
        "shipped": shipped,
        "tiny 100": lambda: releases(100),
        "planning": planning,
        "workers": workers,
    }
    for millions in SCALES:
        if millions <= up_to:
            found[f"scale {millions:g}"] = lambda millions=millions: scale(millions)
            if millions == ADDED_TO:
                found["added"] = lambda: added(ADDED_TO)
    return {**found, "workbook": workbook, "tiny 500": lambda: releases(500)}


@click.command()
@click.option("--up-to", type=float, default=max(SCALES), show_default=True, help="Millions of case rows to go up to.")
@click.option("--only", multiple=True, help="Only measurements whose name starts so; the others stay as last measured.")
def main(up_to: float, only: tuple[str, ...]) -> None:
    """Measure, and write the results and docs/performance.md."""
    results: Measured = json.loads(RESULTS.read_text(encoding="utf-8")) if only and RESULTS.exists() else {}
    results |= {"machine": _machine()}
    for name, measure in _parts(up_to).items():
        if not only or name.startswith(only):
            _say(name)
            results[name] = {**measure(), "measured": f"{datetime.now(UTC):%Y-%m-%d}"}
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_page(results)
    _say("wrote docs/performance.md")


if __name__ == "__main__":
    main()
