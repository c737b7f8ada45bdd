"""The results of the benchmarks -> docs/performance.md and its picture."""

from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import Any

from sc_pipeline.project import REPOSITORY

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "latest.json"
PAGE, PICTURE = REPOSITORY / "docs" / "performance.md", REPOSITORY / "docs" / "images" / "performance.svg"
GIB = 1 << 30
NOT_RUN = "not measured"
ADDED_ROWS = 50_000

Results = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """One goal: at most `most` of a `unit` (or at least, where `is_least`), and what was measured, if it was."""

    what: str
    most: float
    measured: float | None
    unit: str
    is_least: bool = False

    def row(self) -> tuple[str, ...]:
        """Its row of the table of goals."""
        bound = f"at {'least' if self.is_least else 'most'} {self.most:.3g} {self.unit}"
        if self.measured is None:
            return self.what, bound, NOT_RUN, "—"
        is_met = self.measured >= self.most if self.is_least else self.measured <= self.most
        return self.what, bound, f"{self.measured:.2f} {self.unit}", "yes" if is_met else "**no**"


def write_page(results: Results) -> None:
    """Write the page and the picture."""
    PAGE.write_text(page(results), encoding="utf-8")
    PICTURE.write_text(picture(scales(results)), encoding="utf-8")


def scales(results: Results) -> dict[float, Results]:
    """Millions of rows -> what was measured over them, the smallest first."""
    found = {float(name.removeprefix("scale ")): of for name, of in results.items() if name.startswith("scale ")}
    return dict(sorted(found.items()))


def page(results: Results) -> str:
    """docs/performance.md."""
    machine = results["machine"]
    libraries = ", ".join(f"{name} {machine[name]}" for name in machine if name not in _FACTS)
    days = sorted({of["measured"] for name, of in results.items() if name != "machine"})
    return (
        "\n\n".join(
            [
                "# Performance",
                "Written by `make bench`, which simulates the data, measures, and writes this page; no test asserts a "
                f"time. Measured on {' and '.join(days)} on {machine['cores']} cores and {machine['memory'] / GIB:.0f} "
                f"GiB, {machine['system']} {machine['machine']}, Python {machine['python']}; {libraries}.",
                "Seconds are CPU seconds (user and system, of the command and its children); the machine is a "
                "virtual one, whose cores are not always as fast. Ratios are between runs in turn in one measurement; "
                "a ratio says more than the seconds do.",
                "## Goals",
                _table(("what", "goal", "measured", "met"), [goal.row() for goal in goals(results)]),
                "## How cost grows with rows",
                "Case rows of ICE removals (41 columns) and detainers (65 columns) of the same people in two CSV "
                "files, from `raw/` to the published file, beside the shortest honest DuckDB script "
                "([baseline.sql](../benchmarks/baseline.sql)) that makes the same tables, the two subsets included. "
                "Both type, check, link and count the same rows, and the totals of every subset are compared. The "
                "script stages nothing, keeps no row numbers, gives no reasons, works out no silences and audits "
                "nothing.",
                _table(
                    (
                        "case rows",
                        "CSV",
                        "script",
                        "memory",
                        "without pictures",
                        "whole build",
                        "memory",
                        "without pictures / script",
                        "whole build / script",
                    ),
                    _scale_rows(scales(results)),
                ),
                f"![CPU seconds by million rows]({PICTURE.relative_to(PAGE.parent)})",
                "## Costs that do not depend on rows",
                _table(("what", "CPU seconds", "peak memory"), _fixed_rows(results)),
                (HERE / "notes.md").read_text(encoding="utf-8").strip(),
            ]
        )
        + "\n"
    )


_FACTS = ("cores", "memory", "system", "machine", "python")


def goals(results: Results) -> list[Goal]:
    """The goals that the project set itself, beside what was measured."""
    imported = _cpu(results, "shipped", "import dagster")
    return [
        Goal("0.55 million rows without pictures, beside the script", 2.8, _of_scale(results, 0.55, "bare"), "times"),
        Goal("1 million rows, whole build, beside the script", 1.6, _of_scale(results, 1, "build"), "times"),
        Goal("5 million rows, whole build, beside the script", 1.35, _of_scale(results, 5, "build"), "times"),
        Goal("20 million rows, whole build, beside the script", 1.35, _of_scale(results, 20, "build"), "times"),
        Goal("5 million rows, peak memory", 3, _peak(results, 5), "GiB"),
        Goal("20 million rows, peak memory", 4, _peak(results, 20), "GiB"),
        Goal(
            "the shipped tables without pictures, over `import dagster`",
            4.5,
            _minus(_cpu(results, "shipped", "bare"), imported),
            "s",
        ),
        Goal(
            "pictures, page and explorer of the shipped tables",
            1.5,
            _minus(_cpu(results, "shipped", "build"), _cpu(results, "shipped", "bare")),
            "s",
        ),
        Goal("nothing to do", 0.4, _cpu(results, "shipped", "nothing"), "s"),
        Goal("100 tiny releases", 50, _cpu(results, "tiny 100", "build"), "s"),
        Goal("one more on top of 100", 9, _cpu(results, "tiny 100", "one more"), "s"),
        Goal("nothing to do with 100", 0.6, _cpu(results, "tiny 100", "nothing"), "s"),
        Goal("500 tiny releases, each, of what each of 100 costs", 1, _each_of_500(results), "times"),
        Goal("20 releases taken in by two workers, of one worker's time", 0.65, _of_one_worker(results), "times"),
        Goal("nothing to do with 10,000, by the plan", 20, _planned(results, 10_000), "s of wall time"),
        Goal("planning 10,000, each, of what each of 1,000 costs", 1.1, _planned_growth(results), "times"),
        Goal("50,000 more rows on 5 million, over those rows' own cost", 8, _over_own_rows(results), "s"),
        Goal("a workbook of 300,000 rows, faster than pandas.read_excel", 10, _faster(results), "times", is_least=True),
    ]


def _cpu(results: Results, name: str, what: str) -> float | None:
    return results[name][what]["cpu"] if name in results else None


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _of_scale(results: Results, millions: float, what: str) -> float | None:
    of = scales(results).get(millions)
    return of["ratios"][what] if of else None


def _peak(results: Results, millions: float) -> float | None:
    of = scales(results).get(millions)
    return of["build"]["peak"] / GIB if of else None


def _each_of_500(results: Results) -> float | None:
    many, few = _cpu(results, "tiny 500", "build"), _cpu(results, "tiny 100", "build")
    return None if many is None or few is None else (many / 500) / (few / 100)


def _of_one_worker(results: Results) -> float | None:
    return results["workers"]["two"]["wall"] / results["workers"]["one"]["wall"] if "workers" in results else None


def _planned(results: Results, count: int, what: str = "wall") -> float | None:
    return results["planning"][str(count)]["plan"][what] if "planning" in results else None


def _planned_growth(results: Results) -> float | None:
    many, few = (_planned(results, count, "cpu") for count in (10_000, 1_000))
    return None if many is None or few is None else (many / 10_000) / (few / 1_000)


def _over_own_rows(results: Results) -> float | None:
    """Of one more release: what is left when its rows cost what a row costs in the build of 5 million."""
    whole, cost = scales(results).get(5), _cpu(results, "added", "one more")
    return None if whole is None or cost is None else cost - ADDED_ROWS * whole["build"]["cpu"] / whole["rows"]


def _faster(results: Results) -> float | None:
    script, cost = _cpu(results, "workbook", "script"), _cpu(results, "workbook", "build")
    return None if script is None or cost is None else script / cost


def _scale_rows(found: dict[float, Results]) -> list[tuple[str, ...]]:
    return [
        (
            f"{of['rows'] / 1e6:.2f} million",
            f"{of['bytes'] / GIB:.1f} GiB",
            _seconds(of["script"]),
            _memory(of["script"]),
            _seconds(of["bare"]) if "bare" in of else "—",
            _seconds(of["build"]),
            _memory(of["build"]),
            f"{of['ratios']['bare']:.2f}" if "bare" in of else "—",
            f"{of['ratios']['build']:.2f}",
        )
        for of in found.values()
    ]


def _fixed_rows(results: Results) -> list[tuple[str, ...]]:
    names = {
        ("shipped", "import dagster"): "`import dagster`",
        ("shipped", "bare"): "the shipped tables, without pictures, page and explorer",
        ("shipped", "build"): "the shipped tables, whole build",
        ("shipped", "nothing"): "nothing to do",
        ("tiny 100", "build"): "100 releases of eight rows",
        ("tiny 100", "one more"): "one more on top of 100",
        ("tiny 100", "nothing"): "nothing to do with 100",
        ("tiny 500", "build"): "500 releases of eight rows",
        ("tiny 500", "one more"): "one more on top of 500",
        ("tiny 500", "nothing"): "nothing to do with 500",
        ("added", "one more"): "one more release of 50,000 rows on 5 million",
        ("workbook", "build"): "a workbook of 300,000 rows by 41 columns, raw to published",
        ("workbook", "script"): "the same workbook with pandas.read_excel and openpyxl",
    }
    rows = [
        (text, _seconds(results[name][what], 2), _memory(results[name][what]))
        for (name, what), text in names.items()
        if name in results
    ]
    for count, found in results.get("planning", {}).items():
        if count.isdigit():
            told = {"plan": "told by the plan", "nothing": "told by sizes and times"}
            rows += [
                (f"nothing to do with {int(count):,} simulated releases, {how}", _seconds(cost, 2), _memory(cost))
                for (what, how) in told.items()
                for cost in [found[what]]
            ]
    return rows


def _seconds(cost: dict[str, float], digits: int = 0) -> str:
    return f"{cost['cpu']:.{digits}f} s"


def _memory(cost: dict[str, float]) -> str:
    return f"{cost['peak'] / GIB:.1f} GiB"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 640, 340, 60, 20, 150, 50
_LINES = {"script": ("#0072b2", "6 4", "DuckDB script"), "build": ("#000000", "none", "whole build")}


def picture(found: dict[float, Results]) -> str:
    """CPU seconds against millions of rows, both logarithmic: a straight line at 45 degrees is linear."""
    if len(found) < 2:
        return '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'
    costs = [of[name]["cpu"] for of in found.values() for name in _LINES]
    xs, ys = _axis(list(found), _LEFT, _WIDTH - _RIGHT), _axis(costs, _HEIGHT - _BOTTOM, _TOP)
    marks = [_tick(xs(x), _HEIGHT - _BOTTOM + 18, "middle", f"{x:g}") for x in found]
    marks += [
        f'<path d="M{_LEFT} {ys(y):.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>'
        + _tick(_LEFT - 8, ys(y) + 4, "end", f"{y:g}")
        for y in (1, 3, 10, 30, 100, 300, 1000, 3000)
        if min(costs) <= y <= max(costs)
    ]
    for name, (color, dashes, label) in _LINES.items():
        points = [(xs(x), ys(of[name]["cpu"])) for x, of in found.items()]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        marks.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dashes}"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>' for x, y in points]
        end_x, end_y = points[-1]
        marks.append(
            f'<text x="{end_x + 10:.1f}" y="{end_y + (14 if name == "script" else -2):.1f}" fill="{color}">'
            f"{label}</text>"
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    marks.append(_tick(middle, _HEIGHT - 10, "middle", "million case rows"))
    marks.append(_tick(_LEFT, _TOP - 6, "start", "CPU seconds"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        'font-family="sans-serif" font-size="13" role="img" aria-label="CPU seconds by million rows">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>\n' + "\n".join(marks) + "\n</svg>\n"
    )


def _axis(values: list[float], start: float, end: float) -> Any:
    """A function from a value to its place between `start` and `end`, on a logarithmic scale."""
    low, high = log10(min(values)), log10(max(values))
    return lambda value: start + (log10(value) - low) / (high - low) * (end - start)


def _tick(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333">{text}</text>'
