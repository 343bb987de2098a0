# SPDX-License-Identifier: GPL-2.0-or-later
"""One browser for all tests."""

import pytest

from kamtest.browser import Browser


@pytest.fixture(scope="session")
def browser():
    browser = Browser()
    yield browser
    browser.close()
