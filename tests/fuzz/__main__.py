"""`make fuzz`: each target under a coverage-guided fuzzer for some seconds; what it finds is kept in found/.

python -m tests.fuzz [SECONDS]          every target, one after the other
python -m tests.fuzz TARGET LIBFUZZER…  one target, with the fuzzer's own options
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 60


def _run_all(seconds: int) -> int:
    from tests.fuzz import FOUND, TARGETS, seeds
    from tests.reliability import measured

    executions: dict[str, int] = {}
    for name in TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            for number, seed in enumerate(seeds(name)):
                (Path(folder) / str(number)).write_bytes(seed)
            options = [
                f"-max_total_time={seconds}",
                "-max_len=8192",
                "-timeout=30",
                "-rss_limit_mb=4096",
                f"-artifact_prefix={FOUND}/{name}-",
                "-print_final_stats=1",
                folder,
            ]
            done = subprocess.run([sys.executable, "-m", "tests.fuzz", name, *options], capture_output=True, text=True)
        told = re.findall(r"number_of_executed_units:\s*(\d+)", done.stderr)
        executions[name] = int(told[-1]) if told else 0
        print(f"{name}: {executions[name]:,} executions, {'clean' if not done.returncode else 'FOUND SOMETHING'}")
        if done.returncode:
            print(done.stderr[-3_000:])
            return 1
    measured("fuzzing", seconds=seconds, executions=executions)
    return 0


def _run_one(target: str, options: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["sc_pipeline", "zipfile", "tomllib"]):
        from tests.fuzz import TARGETS
    atheris.Setup([target, *options], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and not arguments[0].isdigit():
        _run_one(arguments[0], arguments[1:])
    else:
        sys.exit(_run_all(int(arguments[0]) if arguments else SECONDS))
