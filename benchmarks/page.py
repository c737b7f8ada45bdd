"""The results of the benchmarks -> docs/performance.md and its picture."""

import statistics
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from sc_pipeline.project import REPOSITORY

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "latest.json"
PAGE, PICTURE = REPOSITORY / "docs" / "performance.md", REPOSITORY / "docs" / "images" / "performance.svg"
GIB = 1 << 30
STYLES = {"pipeline": ("#000000", "o-"), "duckdb": ("#0072B2", "s--"), "pandas": ("#D55E00", "^:")}

Results = dict[str, Any]


def write_page(results: Results) -> None:
    """Write the page and the picture."""
    PAGE.write_text(page(results), encoding="utf-8")
    _draw(results).savefig(PICTURE, metadata={"Date": None})


def page(results: Results) -> str:
    """docs/performance.md."""
    machine = results["machine"]
    libraries = ", ".join(f"{name} {machine[name]}" for name in machine if name not in _FACTS)
    return "\n\n".join(
        [
            "# Performance",
            "Written by `make bench`, which simulates the data, measures, and writes this page; tests assert no time. "
            f"Measured on {results['measured']} on {machine['cores']} cores and {machine['memory'] / GIB:.0f} GiB, "
            f"{machine['system']} {machine['machine']}, Python {machine['python']}; {libraries}.",
            "Seconds depend on the machine, and on what else it does: ratios are taken between runs in turn.",
            "## Budgets",
            _table(("what", "budget", "measured", "met"), _budgets(results)),
            "## How cost grows",
            "Case rows of ICE removals (41 columns) and detainers (65 columns) of the same people in two CSV files, "
            "from `raw/` to the published file and the report, against the shortest honest DuckDB script "
            "([baseline.sql](../benchmarks/baseline.sql)) and plain pandas "
            "([pandas_script.py](../benchmarks/pandas_script.py)). The scripts type, check, link and count the same "
            "rows, and their totals are compared with the pipeline's; they stage nothing, keep no row numbers, give no "
            "reasons, audit nothing and draw nothing.",
            _table(("case rows", "CSV", "pipeline", "memory", "DuckDB script", "memory", "pandas", "memory",
                    "pipeline / DuckDB", "pandas / pipeline"), _scales(results)),
            f"![Seconds by million rows]({PICTURE.relative_to(PAGE.parent)})",
            f"## Where {results['main']} million rows spend their time",
            _table(("step, without Dagster", "seconds"), [(name, f"{seconds:.1f}")
                                                          for name, seconds in results["steps"].items()]),
            (HERE / "notes.md").read_text(encoding="utf-8").strip(),
        ]
    ) + "\n"  # fmt: skip


_FACTS = ("cores", "memory", "system", "machine", "python")


def _budgets(results: Results) -> list[tuple[str, ...]]:
    small, main = results["small"], results["scales"][results["main"]]
    full = main["pipeline"]["wall"]
    largest = max(results["scales"], key=float)
    queries = statistics.median(small["queries"].values())
    rows = [
        (f"{results['main']} million rows, time of the DuckDB script", 2.0, main["ratios"]["duckdb"], "{:.2f} times"),
        (f"{results['main']} million rows, peak memory", 3.0, main["pipeline"]["peak"] / GIB, "{:.2f} GiB"),
        (f"{largest} million rows, peak memory", 4.0, results["scales"][largest]["pipeline"]["peak"] / GIB,
         "{:.2f} GiB"),
        ("one more release of 50,000 rows, of the full build", 10, 100 * results["adding"]["one more release"] / full,
         "{:.1f} %"),
        ("a build with nothing to do", 4, results["adding"]["nothing to do"], "{:.1f} s"),
        ("importing the definitions, over `import dagster`", 2.5,
         small["import definitions"] - small["import dagster"], "{:.1f} s"),
        ("staging a workbook of 300,000 rows by 41 columns, of the bare calamine read", 1.5,
         small["workbook"]["ratio"], "{:.2f} times"),
        ("Dagster's overhead for the whole graph", 6, small["dagster overhead"], "{:.1f} s"),
        ("`make ui` until it answers", 20, small["ui ready"], "{:.1f} s"),
        ("twenty questions on the demo, median", 50, 1000 * queries, "{:.0f} ms"),
    ]  # fmt: skip
    found = [_at_most(*row) for row in rows]
    if "pandas" in main["ratios"]:
        faster = 1 / main["ratios"]["pandas"]
        found.insert(1, (f"{results['main']} million rows, faster than pandas", "at least 8 times",
                         f"{faster:.1f} times", _met(faster >= 8)))  # fmt: skip
    return found


def _at_most(what: str, budget: float, measured: float, form: str) -> tuple[str, ...]:
    number = form.split("}")[1].strip()
    return (what, f"at most {budget:g} {number}", form.format(measured), _met(measured <= budget))


def _met(met: bool) -> str:
    return "yes" if met else "**no**"


def _scales(results: Results) -> list[tuple[str, ...]]:
    return [
        (f"{millions} million", f"{of['bytes'] / GIB:.1f} GiB",
         *(text for name in STYLES for text in _cost(of.get(name))),
         f"{of['ratios']['duckdb']:.2f}", f"{1 / of['ratios']['pandas']:.1f}" if "pandas" in of["ratios"] else "—")
        for millions, of in results["scales"].items()
    ]  # fmt: skip


def _cost(cost: dict[str, float] | None) -> tuple[str, str]:
    return (f"{cost['wall']:.0f} s", f"{cost['peak'] / GIB:.1f} GiB") if cost else ("not run", "—")


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _draw(results: Results) -> Figure:
    """Seconds against millions of rows, both on logarithmic axes: a straight line at 45 degrees is linear."""
    canvas = Figure(figsize=(7, 4), layout="constrained")
    axes = canvas.add_subplot()
    for name, (colour, style) in STYLES.items():
        points = [(float(millions), of[name]["wall"]) for millions, of in results["scales"].items() if name in of]
        axes.loglog(*zip(*points, strict=True), style, color=colour, label=name)
    axes.set_xlabel("million case rows")
    axes.set_ylabel("seconds")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return canvas
