"""All releases of a project taken in, and no more: `python -m benchmarks.intake RAW WAREHOUSE WORKERS`."""

import sys
from pathlib import Path

from sc_pipeline import plan
from sc_pipeline.hashing import hash_of
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.project.settings import Settings


def main(raw: Path, warehouse: Path, workers: int) -> str:
    """The hash of all that was made, the same for any number of workers."""
    look = Look(Project(raw, warehouse, Settings(workers=workers)))
    refused = [name for name, answer in plan.take_in_all(look, plan.waiting(look)) if isinstance(answer, Exception)]
    if refused:
        raise RuntimeError(f"not taken in: {refused}")
    tables = [table for step in plan.PER_RELEASE for table in step.tables]
    return hash_of({table: look.store.version(table) for table in tables})


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
