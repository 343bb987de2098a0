# SPDX-License-Identifier: GPL-2.0-or-later
"""What the wire tests are written with: SIP messages, sockets that keep a
trace, digest sums, and a Kamailio that lives as long as a test."""
