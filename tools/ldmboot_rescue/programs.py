# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that this one runs: found, started so that they end with it, waited for, ended.

Facts: prctl(2) "PR_SET_PDEATHSIG".
"""
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time

from .messages import Trouble

START_SECONDS = 120     # disks that are failing take their time
PATIENCE = 30
PR_SET_PDEATHSIG = 1    # linux/prctl.h


def program(name, package):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise Trouble(939, f"{name} (package {package})")
    return found


def ends_with_this(number):
    """For a child, before it becomes another program: it gets this signal when this program is gone, whatever the reason."""
    parent = os.getpid()

    def run():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)
    return run


def child(command, said=None, number=signal.SIGTERM):
    """A program that stays. said: a file for what it says. Not in the terminal's group: Ctrl-C is for this program, which
    ends it in order."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
                            preexec_fn=ends_with_this(number))


def wait_for(process, is_ready):
    """False: it has ended before, or takes too long."""
    until = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() >= until:
            return is_ready()
        time.sleep(0.02)
    return True


def end(process, first="terminate"):
    """One that hangs in a read of a dying disk is left to the system, which ends it when the read does."""
    for step in (first, "terminate", "kill"):
        getattr(process, step)()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
            break
