#!/usr/bin/python3
"""option_limits.py - every option and setting of every tool at the limits of its kind, and past them

usage: option_limits.py FOLDER SHARE [NAME ...]

FOLDER/cases has a case a line: NAME|INPUT|COMMAND, as tests/cases.sh makes it; the first case of a tool is used. The
options and settings come from --help. One value in SHARE is tried (1: all), chosen by its digest.

A run ends with a status of tscae(7), with a message unless it is 0; with 2 and the name of the option where the text
is not a value of its kind. No assertion fails (70), no signal ends it, and it stops at SIGTERM. Prints TAP lines
without a plan; exit 1 if one is not ok.
"""
import os
import re
import resource
import signal
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

PATIENCE = 10       # seconds until SIGTERM, and from there to the end
MEMORY = 4 << 30    # bytes of address space
FILE = 64 << 20     # bytes of a file
NO_NUMBER = ('', 'x', '1x', '--1', '1 2', '0x', '1e', ',')
NUMBERS = ('-9223372036854775808', '-1', '-0', '0', '1', '2', '3', '7', '255', '256', '1024', '1025', '65535', '65536',
           '2147483647', '2147483648', '4294967296', '9000000000000000', '9007199254740993', '9223372036854775807',
           '9223372036854775808', '1e400', '1k', '1G')
REALS = ('-inf', 'inf', 'nan', '-1e308', '1e308', '-1', '-0.0', '0', '1e-320', '1e-30', '0.5', '1', '1.0000001', '2',
         '100')
TEXTS = ('', '.', '/proc', '/dev/null', '/dev/full', 'no such', '-', 'x' * 300, 'y/' * 2100, 'caf\u00e9', '%s%n', '*',
         '=', 'a\nb')
KINDS = {'N': (NUMBERS, NO_NUMBER), 'X': (REALS, NO_NUMBER), 'R': (REALS, NO_NUMBER),
         'BYTES': (NUMBERS + ('1Ki', '8EiB', '1B'), NO_NUMBER),
         'LOW,HIGH': (('0,0', '1,2', '2,1', '0.5,0.5', '1e-300,1e300', '-1,1', '0.1,1'),
                      ('', ',', '1', '1,', ',1', '1,2,3', 'nan,nan', 'inf,inf', 'x,y'))}
KINDS['WxH'] = (('0', '1', '16', '64x48', '4096', '1x4097', '99999999999999999999'),
                ('', 'x', 'x16', '16x', '16x16x16', '-16', '+16', ' 16', '0x10', '16k', '16.5'))
KINDS['MIN,MAX'] = KINDS['LOW,HIGH']
STATUSES = (0, 1, 2, 65, 66, 71, 74, 75)


def options(tool):
    """(option, kind) of each option and setting; kind None: a flag."""
    text = subprocess.run([tool, '--help'], stdout=subprocess.PIPE, check=True).stdout.decode()
    for line in text.splitlines():
        o = re.match(r'  +(?:-\S, )?(--[a-z-]+)(?: (\S+))?  ', line + '  ')
        s = re.match(r'  ([a-z0-9_]+)=(\S+)  ', line + '  ')
        if o and o.group(1) not in ('--help', '--version', '--completion'):
            yield o.group(1), o.group(2)
        elif s:
            yield s.group(1), s.group(2)


def values(kind):
    """(text, is a text of that kind) of each value to try."""
    if kind is None:
        return [(None, True), ('', False), ('on', False)]
    if '|' in kind and kind == kind.lower():
        names = kind.split('|')
        return [(n, True) for n in names] + [
            (n, False) for n in ('', names[0] + 'x', names[0][:1] + '#', names[0].upper())]
    good, bad = KINDS.get(kind, (TEXTS, ()))
    return [(v, True) for v in good] + [(v, False) for v in bad]


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def run(folder, place, case, argument):
    """Status ('no end' or -signal for other ends) and standard error of a case with one more argument."""
    os.mkdir(place)
    _, source, command = case
    argv = command.replace('I/', folder + '/').split() + [argument]
    with open(os.path.join(folder, source) if source else os.devnull, 'rb') as stdin, \
            open(place + '.err', 'w+b') as stderr:
        p = subprocess.Popen(argv, stdin=stdin, stdout=subprocess.DEVNULL, stderr=stderr, cwd=place, preexec_fn=limit)
        status = None
        try:
            status = p.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            p.terminate()
            try:
                # long work is no fault: it has to stop when it is told to
                p.wait(PATIENCE)
                status = 0
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
                status = 'no end'
        stderr.seek(0)
        message = stderr.read().decode(errors='replace')
    # shutil.rmtree() cannot remove folders as deep as a path may be
    subprocess.run(['rm', '-rf', place])
    os.remove(place + '.err')
    return status, message


def examine(folder, case, share):
    tool = case[2].split()[0]
    tried, problems = 0, []
    for name, kind in options(tool):
        for value, fits in values(kind):
            option = name if value is None else name + '=' + value
            if zlib.crc32((tool + option).encode()) % share:
                continue
            tried += 1
            status, message = run(folder, os.path.join(folder, 'limits.%s.%d' % (tool, tried)), case, option)
            shown = option if len(option) < 60 else option[:57] + '...'
            said = ' '.join(message.split())[-200:]
            if status not in STATUSES or (status and not message):
                problems.append('%s: exit %s: %s' % (shown, status, said))
            elif not fits and (status != 2 or name.lstrip('-') not in message):
                problems.append('%s: exit %s, not 2 with the name of the option: %s' % (shown, status, said))
    return tool, tried, problems


def main(folder, share, *names):
    folder = os.path.abspath(folder)
    cases = {}
    with open(os.path.join(folder, 'cases')) as f:
        for line in f:
            case = line.rstrip('\n').split('|')
            tool = case[2].split()[0]
            if not names or tool in names:
                cases.setdefault(tool, case)
    bad = False
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for tool, tried, problems in pool.map(lambda c: examine(folder, c, int(share)), cases.values()):
            print('%sok - %s: options and settings at their limits and past them (%d tried)' % (
                'not ' if problems else '', tool, tried), flush=True)
            bad |= bool(problems)
            for p in problems[:40]:
                print('#   ' + p)
    return bad


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
