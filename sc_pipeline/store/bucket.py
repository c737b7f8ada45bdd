"""A place that several machines reach, such as a bucket -> its files: listed, fetched and sent whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyarrow import fs

from sc_pipeline.errors import UsageError
from sc_pipeline.machine import MachineProblem

_PIECE = 8 << 20


@dataclass(frozen=True)
class Bucket:
    """A place by its address: s3://bucket/folder, gs://bucket/folder, abfs://container/folder or file:///folder.

    Options follow as in an address, such as ?region=us-east-1; credentials are where the provider's own tools look for
    them. Methods raise MachineProblem where it cannot be reached, and UsageError where its address is none.
    """

    address: str

    def listed(self, below: str = "") -> dict[str, tuple[int, int]]:
        """Name of every file, or of those in a folder -> its bytes, and its time of writing there in nanoseconds."""
        files, root = self._place
        with self._reached():
            folder = f"{root}/{below}".rstrip("/")
            found = files.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
        return {
            os.path.relpath(each.path, root): (each.size or 0, each.mtime_ns or 0)
            for each in found
            if each.type == fs.FileType.File
        }

    def has(self, name: str) -> bool:
        """Whether a file of that name is there."""
        files, root = self._place
        with self._reached():
            return files.get_file_info(f"{root}/{name}").type == fs.FileType.File

    def fetch(self, name: str, path: Path, written: int) -> None:
        """Have a file here too, with a time of writing as it is given. A reader sees the old one or the new."""
        files, root = self._place
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with self._reached(), files.open_input_stream(f"{root}/{name}") as source, temporary.open("wb") as here:
                while piece := source.read(_PIECE):
                    here.write(piece)
            os.utime(temporary, ns=(written, written))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def send(self, path: Path, name: str) -> None:
        """Have a file there too. A bucket shows it when all of it is there; a folder gets it under its name then."""
        files, root = self._place
        is_folder = isinstance(files, fs.LocalFileSystem)
        there = f"{root}/{name}"
        unfinished = f"{there}.{os.getpid()}.tmp" if is_folder else there
        with self._reached():
            if is_folder:
                files.create_dir(there.rpartition("/")[0], recursive=True)
            with path.open("rb") as here, files.open_output_stream(unfinished) as target:
                while piece := here.read(_PIECE):
                    target.write(piece)
            if is_folder:
                files.move(unfinished, there)

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no trouble."""
        files, root = self._place
        with self._reached():
            if self.has(name):
                files.delete_file(f"{root}/{name}")

    @cached_property
    def _place(self) -> tuple[fs.FileSystem, str]:
        try:
            files, root = fs.FileSystem.from_uri(self.address)
        except (ValueError, OSError) as error:
            raise UsageError(f"store: {self.address}: is not an address that can be used: {error}") from None
        return files, root.rstrip("/")

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno is not None:
                raise  # this machine's own trouble, or a file that is gone
            reason = str(error).splitlines()[0]
            raise MachineProblem(
                f"{self.address}: cannot be reached or written: {reason}; check the address, the network and the "
                "credentials, and run it again"
            ) from None
