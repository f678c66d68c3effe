# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals that ask to stop. Before anything is written they raise KeyboardInterrupt wherever the program is; from then on
they wait until the work asks for them, so that none comes between a change and the words for it."""
import contextlib
import signal

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def obeyed():
    """Those that nobody has switched off: that is what nohup does. Linux keeps them, too, for who holds them back."""
    return [number for number in STOP if signal.getsignal(number) != signal.SIG_IGN]


def raise_at_once():
    for number in obeyed():
        signal.signal(number, signal.default_int_handler)


@contextlib.contextmanager
def held():
    """Hold them back. One that comes after the last check() is too late: all is done, or a failure is being told."""
    numbers = obeyed()
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        while signal.sigtimedwait(numbers, 0):
            pass
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)


def check():
    """Raises KeyboardInterrupt when one has come while they are held."""
    if signal.sigtimedwait(obeyed(), 0):
        raise KeyboardInterrupt
