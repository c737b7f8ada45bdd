"""`dagster dev` with the guarded webserver in place of Dagster's own.

Run as `python -m sc_pipeline.defs.ui` with the options of `dagster dev`.
"""

from typing import Any

from dagster._cli import dev

_own = dev.open_ipc_subprocess


def _with_guard(arguments: list[str], **options: Any) -> Any:
    guarded = ["sc_pipeline.defs.webserver" if each == "dagster_webserver" else each for each in arguments]
    return _own(guarded, **options)


if __name__ == "__main__":
    dev.open_ipc_subprocess = _with_guard
    dev.dev_command()
