"""What the tests of endurance measured -> docs/reliability.md, which says nothing else."""

import json
from pathlib import Path
from typing import Any

from tests.builders import IS_FULL

RESULTS = Path(__file__).parent / "latest.json"


def measured(name: str, **figures: Any) -> None:
    """Keep what a test at full size measured; at small size nothing is kept."""
    if IS_FULL:
        found = read()
        found[name] = figures
        RESULTS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read() -> dict[str, Any]:
    """What was measured last."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


_SENTENCES = {
    "readers": "{readers} readers read the published file without a pause while {builds} versions were published: "
    "{errors} errors, {mixed} readers that saw a mix of two versions.",
    "kills": "{kills} builds were killed at a random moment. Each left the old file or the new one, and the next build "
    "was whole.",
    "renames": "{renames} builds were killed before or after one of their renames. Each left the old file or the new "
    "one, and the next build gave the same hashes.",
    "disks": "{sizes} disks of different sizes filled up in the middle of a build. Each build ended in one line that "
    "names the disk, and with room the next one was whole.",
}


def page() -> str:
    """docs/reliability.md."""
    found = read()
    lines = [
        "# What was tried to break it",
        "",
        "Written by `make reliability` from what it measured. What is not here has not been measured at full size yet. "
        "[Security](security.md) says what it is for.",
    ]
    if files := found.get("files"):
        lines += ["", "## Bad files", "", *_files(files)]
    faults = [text.format(**found[name]) for name, text in _SENTENCES.items() if name in found]
    if faults:
        lines += ["", "## Faults", "", *(f"- {line}" for line in faults)]
    if fuzzing := found.get("fuzzing"):
        lines += ["", "## Fuzzing", "", *_fuzzing(fuzzing)]
    return "\n".join(lines) + "\n"


def _files(files: dict[str, Any]) -> list[str]:
    rows = [
        f"| {group} | {counts['tried']} | {counts['taken']} | {counts['quarantined']} | {counts['refused']} |"
        for group, counts in sorted(files["groups"].items())
    ]
    tried = sum(counts["tried"] for counts in files["groups"].values())
    return [
        f"{tried} releases, each with something wrong, were built in {len(rows)} warehouses, beside a good release.",
        "",
        "| kind | tried | taken in | taken in, rows quarantined | refused in one line |",
        "|---|---:|---:|---:|---:|",
        *rows,
        "",
        f"Ended otherwise than they must: {files['wrong']}. Rows lost: {files['lost']}. Neighbors harmed: "
        f"{files['harmed']}. Files written outside the warehouse: {files['outside']}.",
    ]


def _fuzzing(fuzzing: dict[str, Any]) -> list[str]:
    rows = [f"| {target} | {count:,} |" for target, count in sorted(fuzzing["executions"].items())]
    return [
        f"Each target ran for {fuzzing['seconds']} seconds under a coverage-guided fuzzer, which found nothing.",
        "",
        "| target | executions |",
        "|---|---:|",
        *rows,
    ]
