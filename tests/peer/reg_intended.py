# SPDX-License-Identifier: GPL-2.0-or-later
"""What the registrars do differently on purpose."""

from .intended import Entry  # noqa: F401

REGISTRAR = []
