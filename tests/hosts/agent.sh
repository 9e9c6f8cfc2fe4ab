#!/bin/bash
# agent.sh HOST COMMAND ... - run a command on a test host as ssh does: its words are joined and given to a shell
# (network.sh)
host=$1; shift
exec nsenter --target "$(cat "$NETWORK/$host")" --net --uts -- sh -c "$*"
