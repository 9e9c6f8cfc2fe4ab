#!/usr/bin/python3
"""peak.py - run a command and print the most memory it held, in MiB, as the last line of standard error

usage: peak.py COMMAND ARGUMENT ...
"""
import resource
import subprocess
import sys

status = subprocess.run(sys.argv[1:]).returncode
print('peak %.1f' % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024), file=sys.stderr)
sys.exit(status)
