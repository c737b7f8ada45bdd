"""A process that takes in one release after another, as a build beside it asks: `python -m` with a connection's number.

It is told where the project is and which run asks, then the releases as the build found them in raw/.
"""

import os
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection

from sc_pipeline import plan
from sc_pipeline.errors import UserError
from sc_pipeline.look import Look
from sc_pipeline.machine import told

_LOOKS_AFTER = 0.5  # seconds


def main(number: int) -> None:
    """Answer each release with whether anything was made, or with what is wrong, until the build hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the build ends this one
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with Connection(number) as connection:
        project, run = connection.recv()
        while True:
            try:
                release = connection.recv()
            except EOFError:
                return
            connection.send(_taken_in(Look(project, run, given=release)))


def _taken_in(look: Look) -> bool | UserError:
    assert look.given is not None
    try:
        with told(look.project.warehouse):
            return plan.take_in(look, look.given.id)
    except UserError as problem:
        return problem


def _end_with(build: int) -> None:
    """End this process with the build, however that ends: nothing may write once its lock is free."""
    while os.getppid() == build:
        time.sleep(_LOOKS_AFTER)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
