# SPDX-License-Identifier: GPL-2.0-or-later
"""The same scenario against Kamailio with the packaged modules and with
ours, side by side; every difference is a failure or an intended one.

    scene     a scenario is a setup and its steps; playing them
    pair      the two servers of a setup, and the sockets around them
    record    what is seen of one step, and comparing two of them
    intended  differences that are meant, with their ids
"""
