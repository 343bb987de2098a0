# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for what a server does in its own time."""

import time

# Seconds a test waits for what must come. Long, for machines that have other
# things to do: it costs nothing where all is well.
PATIENCE = 20.0


def until(what, want, timeout=PATIENCE):
    """Ask what() until it is `want`; fails with the last answer otherwise."""
    end = time.time() + timeout
    got = what()
    while got != want and time.time() < end:
        time.sleep(0.02)
        got = what()
    assert got == want, "%r is not %r" % (got, want)


def until_true(what, timeout=PATIENCE):
    """The same for a condition."""
    until(lambda: bool(what()), True, timeout)
