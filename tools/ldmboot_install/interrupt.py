# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals that ask to stop. Before anything is written they raise KeyboardInterrupt wherever the program is; from then on
they wait until the work asks for them, so that none comes between a change and the words for it."""
import contextlib
import signal

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def raise_at_once():
    for number in STOP:
        if signal.getsignal(number) != signal.SIG_IGN:     # nohup's wish
            signal.signal(number, signal.default_int_handler)


@contextlib.contextmanager
def held():
    """Hold them back. One that comes after the last check() is too late: all is done, or a failure is being told."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    try:
        yield
    finally:
        while signal.sigtimedwait(STOP, 0):
            pass
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)


def check():
    """Raises KeyboardInterrupt when one has come while they are held."""
    if signal.sigtimedwait(STOP, 0):
        raise KeyboardInterrupt
