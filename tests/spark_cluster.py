"""A Spark of one's own on 127.0.0.1, from the pyspark package alone: a master with two workers, or a Connect server."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

IS_HERE = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None
_LOCAL = ("--host", "127.0.0.1", "--webui-port", "0")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """The address of a master with two workers, a process each; their logs are in `folder`."""
    master = free_port()
    url = f"spark://127.0.0.1:{master}"
    deploy = "org.apache.spark.deploy"
    with ExitStack() as processes:
        start = [f"{deploy}.master.Master", *_LOCAL, "--port", str(master)]
        processes.enter_context(_running(folder / "master", "spark-class", start, master))
        for number in (1, 2):
            port = free_port()
            start = [f"{deploy}.worker.Worker", *_LOCAL, "--port", str(port), "--cores", "1", "--memory", "1500m", url]
            processes.enter_context(_running(folder / f"worker{number}", "spark-class", start, port))
        yield url


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """The address of a Spark Connect server over this machine's cores."""
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
    }
    options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    # The class is in a jar that is on the class path already: no jar of a program's own.
    start = ["--master", "local[2]", *options, "--class", server, "spark-internal"]
    with _running(folder / "connect", "spark-submit", start, port):
        yield f"sc://127.0.0.1:{port}"


@contextmanager
def _running(log: Path, program: str, arguments: list[str], port: int) -> Iterator[None]:
    """A program of Spark's, from when it listens on its port until the end."""
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "1g",
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        "SPARK_WORKER_DIR": str(log.with_suffix(".work")),
        "PYSPARK_PYTHON": sys.executable,
    }
    with log.with_suffix(".log").open("wb") as said:
        process = subprocess.Popen(
            [str(home / "bin" / program), *arguments], env=environment, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        _wait(port, process, log.with_suffix(".log"))
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"nothing listens on {port}: {log.read_text(errors='replace')[-2000:]}")
