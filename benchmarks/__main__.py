"""`make bench`: simulate, measure, write benchmarks/results/ and docs/performance.md from them."""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import click
import duckdb

from benchmarks import data
from benchmarks.duckdb_script import TOTALS
from benchmarks.measure import Cost, python, run
from benchmarks.page import RESULTS, write_page
from sc_pipeline.project import REPOSITORY

BIN = Path(sys.executable).parent
LIBRARIES = ("dagster", "duckdb", "fastexcel", "pandas", "pandera", "polars", "pyarrow")
# Millions of case rows -> how often each script is run, in turn; the ratios are taken pair by pair.
SCALES = {0.5: 3, 5: 1, 20: 1}
PANDAS_UP_TO = 5  # past it a table of texts in pandas does not fit in 24 GiB
PORT = 3977


def build(raw: Path, warehouse: Path) -> Cost:
    """What `sc-pipeline build` costs."""
    return run([str(BIN / "sc-pipeline"), "build", "--raw", str(raw), "--warehouse", str(warehouse)])


def scale(millions: float, times: int) -> dict[str, Any]:
    """The pipeline and the baselines over so many million rows, in turn, each from nothing; their totals must agree."""
    raw = data.production(millions)
    folder = raw.parent
    release = raw / data.RELEASE
    scripts: dict[str, Callable[[], Cost]] = {
        "pipeline": lambda: _afresh(folder / "warehouse", lambda: build(raw, folder / "warehouse")),
        "duckdb": lambda: run(python("benchmarks.duckdb_script", release, folder / "baseline.duckdb")),
    }
    if millions <= PANDAS_UP_TO:
        scripts["pandas"] = lambda: run(python("benchmarks.pandas_script", release, folder / "pandas"))
    found: dict[str, list[Cost]] = {name: [] for name in scripts}
    for _ in range(times):
        for name, script in scripts.items():
            found[name].append(script())
            _say(f"{millions:g} million rows, {name}: {found[name][-1].wall:.1f} s")
    _agree(folder / "warehouse", [json.loads(costs[-1].printed) for name, costs in found.items() if name != "pipeline"])
    return {
        "bytes": sum(file.stat().st_size for file in release.glob("*.csv")),
        **{name: _medians(costs) for name, costs in found.items()},
        "ratios": {
            name: statistics.median(a.wall / b.wall for a, b in zip(found["pipeline"], costs, strict=True))
            for name, costs in found.items() if name != "pipeline"
        },
    }  # fmt: skip


def adding(millions: float) -> dict[str, float]:
    """Seconds to bring one more release of 50,000 rows into a warehouse that stands, and to find nothing to do."""
    raw = data.DATA / f"{millions:g}" / "raw"
    warehouse = raw.parent / "warehouse"
    nothing = statistics.median(build(raw, warehouse).wall for _ in range(3))
    folder = data.added(raw)
    try:
        cost = build(raw, warehouse)
    finally:
        shutil.rmtree(folder)
    return {"nothing to do": nothing, "one more release": cost.wall}


def steps(millions: float) -> dict[str, float]:
    """Seconds of each step without Dagster."""
    raw = data.production(millions)
    warehouse = raw.parent / "steps"
    cost = _afresh(warehouse, lambda: run(python("benchmarks.probe", "steps", raw, warehouse)))
    shutil.rmtree(warehouse)
    return json.loads(cost.printed)


def small() -> dict[str, Any]:
    """What does not grow with the rows: Dagster's overhead, imports, the UI's start, a workbook, the queries."""
    folder = data.DATA / "small"
    raw = REPOSITORY / "raw"
    probe = python("benchmarks.probe", "steps", raw, folder / "direct")
    by_dagster, directly = [], []
    for _ in range(3):
        by_dagster.append(_afresh(folder / "built", lambda: build(raw, folder / "built")).wall)
        directly.append(_afresh(folder / "direct", lambda: run(probe)).wall)
    imports = {
        name: statistics.median(run([sys.executable, "-c", f"import {name}"]).wall for _ in range(5))
        for name in ("dagster", "sc_pipeline.definitions")
    }
    demo = folder / "demo"
    demo_build = _afresh(demo, lambda: run([str(BIN / "sc-pipeline"), "simulate", "--demo", str(demo)]))
    asked = run(python("benchmarks.probe", "queries", demo / "warehouse" / "sc_pipeline.duckdb"))
    read = run(python("benchmarks.probe", "workbook", data.workbook(), folder / "workbook"))
    return {
        "dagster overhead": statistics.median(a - b for a, b in zip(by_dagster, directly, strict=True)),
        "shipped data": statistics.median(by_dagster),
        "import dagster": imports["dagster"],
        "import definitions": imports["sc_pipeline.definitions"],
        "ui ready": statistics.median(_ui_ready(raw, folder / "built") for _ in range(3)),
        "demo": demo_build.wall,
        "queries": json.loads(asked.printed),
        "workbook": json.loads(read.printed),
    }


def _ui_ready(raw: Path, warehouse: Path) -> float:
    """Seconds from `sc-pipeline ui` until the UI answers with the pipeline loaded."""
    command = [str(BIN / "sc-pipeline"), "ui", "--port", str(PORT), "--raw", str(raw), "--warehouse", str(warehouse)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not _answers():
                if process.poll() is not None or time.perf_counter() - started > 120:
                    raise RuntimeError("the UI did not start")
                time.sleep(0.1)
            return time.perf_counter() - started
        finally:
            process.terminate()
            process.wait()


def _answers() -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{PORT}/graphql?query=%7BassetNodes%7Bid%7D%7D", timeout=5) as answer:
            return len(json.load(answer)["data"]["assetNodes"]) > 0
    except (URLError, TimeoutError, ConnectionError):
        return False


def _afresh(folder: Path, what: Callable[[], Cost]) -> Cost:
    shutil.rmtree(folder, ignore_errors=True)
    return what()


def _medians(costs: list[Cost]) -> dict[str, float]:
    return {name: statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "peak")}


def _agree(warehouse: Path, totals: list[dict[str, int]]) -> None:
    """A baseline that counts something else measures something else."""
    with duckdb.connect(warehouse / "sc_pipeline.duckdb", read_only=True) as connection:
        mine = dict(connection.execute(TOTALS).fetchall())
    if any(total != mine for total in totals):
        raise RuntimeError(f"the baselines count otherwise than the pipeline: {mine}, {totals}")


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cores": os.cpu_count(), "memory": memory, "system": platform.system(), "machine": platform.machine(),
            "python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}  # fmt: skip


def _say(line: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {line}")


@click.command()
@click.option("--up-to", type=float, default=max(SCALES), show_default=True, help="Millions of case rows to go up to.")
def main(up_to: float) -> None:
    """Measure everything, and write the results and docs/performance.md."""
    chosen = {millions: times for millions, times in SCALES.items() if millions <= up_to}
    main_scale = 5 if 5 in chosen else max(chosen)
    results: dict[str, Any] = {"measured": f"{datetime.now(UTC):%Y-%m-%d}", "machine": _machine(), "scales": {}}
    _say("what does not grow with the rows")
    results["small"] = small()
    for millions, times in chosen.items():
        _say(f"{millions:g} million rows")
        results["scales"][f"{millions:g}"] = scale(millions, times)
        if millions == main_scale:
            results["adding"] = adding(millions)
            results["steps"] = steps(millions)
        shutil.rmtree(data.DATA / f"{millions:g}" / "warehouse")
    results["main"] = f"{main_scale:g}"
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_page(results)
    _say("wrote docs/performance.md")


if __name__ == "__main__":
    main()
