"""raw/ -> Found: every release that can be taken in, and for the others the reason why not."""

from dataclasses import dataclass
from pathlib import Path

from sc_pipeline.errors import UserError, visible
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.release import Release, check_unique_bytes, find_releases, load_release, misnamed


@dataclass(frozen=True)
class Found:
    """What is in raw/ now."""

    releases: dict[str, Release]
    problems: dict[str, str]

    @property
    def ids(self) -> list[str]:
        """Every release id, good or bad, in order."""
        return sorted({*self.releases, *self.problems})


def look(raw: Path, hashes: FileHashes) -> Found:
    """Read every manifest, and hash every file that changed since the last look.

    Raises ManifestProblem where raw/ itself cannot be read.
    """
    releases: dict[str, Release] = {}
    # A name that no release may have is told in letters that every table can hold.
    problems = {visible(name): problem for name, problem in misnamed(raw).items()}
    for release_id, path in find_releases(raw).items():
        try:
            releases[release_id] = load_release(release_id, path, hashes)
        except UserError as problem:
            problems[release_id] = str(problem)
    hashes.save()
    for release_id, problem in check_unique_bytes(releases.values()).items():
        problems[release_id] = str(problem)
        del releases[release_id]
    return Found(releases, problems)
