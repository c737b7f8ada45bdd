"""A build that makes no pictures, page or explorer: `python -m benchmarks.probe RAW WAREHOUSE`."""

import sys
from pathlib import Path

from sc_pipeline.commands.building import build
from sc_pipeline.defs import assets
from sc_pipeline.project import open_project

SITE = {"figures", "explorer", "report"}


def main(raw: Path, warehouse: Path) -> None:
    """Build as `sc-pipeline build` does, in Dagster runs of the same job, all assets but those of the site."""
    everything = assets.of_all_releases()
    assets.of_all_releases = lambda: [key for key in everything if key.to_user_string() not in SITE]
    built = build(open_project(raw, warehouse), lambda line: None)
    if built.problems or not built.published:
        raise RuntimeError(f"not built: {built.problems}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
