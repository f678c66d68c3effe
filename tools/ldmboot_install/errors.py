# SPDX-License-Identifier: GPL-2.0-or-later
"""The one exception of ldmboot-install: a sentence for the person, exit code 1."""


class Refusal(Exception):
    """It cannot or must not be done; says why, what was changed if anything was, and what to do."""
