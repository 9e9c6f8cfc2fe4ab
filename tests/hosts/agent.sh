#!/bin/bash
# agent.sh HOST COMMAND ... - run a command on a test host as ssh does: a shell gets the joined words
# (network.sh)
host=$1; shift
exec nsenter --target "$(cat "$NETWORK/$host")" --net --uts -- sh -c "$*"
