# SPDX-License-Identifier: GPL-2.0-or-later
"""What only a whole run tells."""

import os

import pytest


def _is_whole(config):
    return (not config.option.keyword and not config.option.markexpr
            and all(os.path.isdir(a) for a in config.args))


@pytest.mark.whole_run
def test_every_intended_difference_occurs(peers, request):
    if not _is_whole(request.config):
        pytest.skip("only a part of the scenarios was chosen")
    missing = ["%s: %s" % (e.id, e.why) for entries in peers.lists
               for e in entries if e.expected and not e.count]
    if missing:
        pytest.fail("intended differences that are none any more:\n"
                    + "\n".join(missing), pytrace=False)
