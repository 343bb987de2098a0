# SPDX-License-Identifier: GPL-2.0-or-later
"""What every script for Kamailio's scripting interface begins with."""

# A test appends its handlers, as methods.
PYTHON = '''
import KSR

def mod_init():
    return kamailio()

class kamailio:
    def child_init(self, rank):
        return 0
'''
