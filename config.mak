# The one file to edit; everything here can also be given to make on the
# command line.

# A Kamailio source tree, 5.6 or later: headers and build settings come from
# it. Empty: the source package of the installed release, unpacked under
# build/.
KAMAILIO_SRC ?=

# Where `make install` puts a directory of its own with the two modules.
# Empty: beside the installed Kamailio's module directory.
PREFIX ?=

# Extra compiler flags.
CFLAGS ?=

# Where and how `make run` listens.
RUN_HOST ?= 127.0.0.1
RUN_PORT ?= 5060
