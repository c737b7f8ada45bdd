"""Measure the explorer in Chromium over 500,000 cells: time to the first result, and from a click to its paint.

Run from the repository: `python -m explorer.bench` (needs Chromium and `make browser`).
"""

import importlib
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from sc_pipeline.report.explorer import build_explorer
from tests.explorer_tables import write_tables

MONTHS, PLACES, PEOPLE, CLICKS = 230, 2200, 1_400_000, 25
# Traits without a pattern, from arithmetic: most people of few citizenships, as in the records.
_PEOPLE = """
insert into removals
with mixed as (select n, (n * 2654435761) % 4294967296 as m from range(?) as numbers(n))
select
    'case-file', if(n % 2 = 0, 'sc', 'ice'),
    cast(date '2012-01-01' + to_months(cast(m % 230 as integer)) as date),
    ['TX', 'CA', 'AZ', 'FL', 'GA', 'NY', 'NC', 'IL', 'VA', 'WA'][1 + cast(sqrt(m // 7 % 100) as integer) % 10],
    'Area ' || (m // 700 % 24),
    'Country ' || cast(power(m // 13 % 1000 / 1000.0, 6) * 170 as integer),
    if(m // 31 % 12 = 0, 'Female', 'Male'), 16 + m // 17 % 50, m // 37 % 3 = 0, m // 41 % 5 = 0, 'Removal'
from mixed
"""
# Click row `nth` of a table, round and round over those it has, or clear
# all filters where none is left; from just before to the first frame painted after.
_CLICK = """async nth => {
    const tables = document.querySelectorAll(".tables .card");
    const rows = tables[nth % tables.length].querySelectorAll("button.row");
    const started = performance.now();
    (rows[nth % rows.length] ?? document.querySelector(".chip.clear")).click();
    await new Promise(done => requestAnimationFrame(() => { const c = new MessageChannel();
        c.port1.onmessage = done; c.port2.postMessage(0); }));
    return performance.now() - started;
}"""
_READY = """async () => {
    const busy = () => document.querySelector("#explorer").getAttribute("aria-busy") !== "false";
    const waiting = () => document.querySelector(".find") && !document.querySelector(".map");
    while (busy() || waiting()) await new Promise(done => setTimeout(done, 5));
    return performance.now();
}"""


def main() -> None:
    """Build a site over a large file in a temporary folder, measure it, print the results."""
    with tempfile.TemporaryDirectory() as folder:
        published, site = Path(folder) / "big.duckdb", Path(folder) / "site"
        write_tables(published, months=MONTHS, more_places=PLACES, people=False)
        with duckdb.connect(published) as connection:
            connection.execute(_PEOPLE, [PEOPLE])
        started = time.perf_counter()
        with duckdb.connect(published, read_only=True) as connection:
            build_explorer(connection, site)
        print(f"built in {time.perf_counter() - started:.1f} s")
        measure(site)


def measure(site: Path) -> None:
    """Print times and cells of the two large subjects."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with importlib.import_module("playwright.sync_api").sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        for subject, by in (("places", "fiscal_year,state,county"), ("people", "citizenship,age_group,conviction")):
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            clock = page.context.new_cdp_session(page)
            clock.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.goto(f"{(site / 'explorer.html').as_uri()}#subject={subject}&by={by}")
            ready, first = page.evaluate(_READY), processor_time(clock)
            clicks = [page.evaluate(_CLICK, nth) for nth in range(CLICKS)]
            each = (processor_time(clock) - first) / CLICKS
            size = (site / "data" / f"{subject}-sc.js").stat().st_size / 1e6
            cells = page.evaluate(f"scExplorer.cells('{subject}-sc')")
            print(f"{subject}: {cells:,} cells in {size:.1f} MB")
            shown = page.evaluate("performance.getEntriesByName('drawn')[0].startTime")
            print(f"  first result after {shown:.0f} ms")
            print(f"  all on the page after {ready:.0f} ms, of which {first:.0f} ms on the processor")
            print(f"  a click {statistics.median(clicks):.0f} ms (median), {each:.0f} ms on the processor (mean)")
            page.close()
        browser.close()


def processor_time(clock: Any) -> float:
    """Milliseconds the page's main thread has worked: what a busy machine does not stretch."""
    metrics = {metric["name"]: metric["value"] for metric in clock.send("Performance.getMetrics")["metrics"]}
    return 1000 * metrics["TaskDuration"]


if __name__ == "__main__":
    main()
