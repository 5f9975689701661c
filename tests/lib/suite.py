"""./dev test [NAME]: builds, runs the stages (tests/README.md says what a stage is), adds up the results.

The last line is `N passed, N failed`. The exit status is 0 only when nothing failed. A process that a
stage leaves running is killed after it and counts as a failure. Skipped cases count as neither. They are
named in the stage's lines and again before the last line.
"""
import contextlib
import ctypes
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree

import proc
from services import StackError
from stack import SOURCE, Stack

ORDER = ('lint', 'unit', 'dist', 'package', 'byhand', 'isolation', 'guards', 'sql', 'db', 'server', 'nginx', 'web', 'race',
         'memory', 'resilience', 'handover', 'fault', 'bench-smoke', 'dev')
NAMED_ONLY = ('package-full',)  # they take long, and need a machine that can boot another
STAGE_LIMIT_S = 900
NAMED_LIMIT_S = 3600
TOP = f'{SOURCE}/build/test'
BUILD = f'{SOURCE}/build/obj'
BUILD_ASAN = f'{SOURCE}/build/asan'
PR_SET_CHILD_SUBREAPER = 36


def stages():
    """{name: executable}, in the order of running: those of ORDER, then any others."""
    found = {os.path.basename(os.path.dirname(path)): path
             for path in glob.glob(f'{SOURCE}/tests/*/run') if os.access(path, os.X_OK)}
    found.pop('bench', None)
    smoke = f'{SOURCE}/tests/bench/smoke'
    if os.access(smoke, os.X_OK):
        found['bench-smoke'] = smoke
    names = [name for name in ORDER if name in found] + sorted(set(found) - set(ORDER))
    return {name: found[name] for name in names}


def say(text):
    print(text, flush=True)


class Heartbeat:
    """A line every 30 s while something long runs."""

    def __init__(self, what):
        self.what = what
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.beat, daemon=True)

    def beat(self):
        started = time.monotonic()
        while not self.is_over.wait(30):
            say(f'      … {self.what}, {time.monotonic() - started:.0f} s')

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *problem):
        self.is_over.set()
        self.thread.join()


def descendants():
    """Everything that lives below this process; orphans come back to it (subreaper)."""
    found, queue = [], [os.getpid()]
    while queue:
        children = proc.children_of(queue.pop())
        found += children
        queue += children
    return found


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def kill_descendants():
    """Returns what was still there, as `name (pid)`."""
    # An orphan that is just ending is no leftover.
    proc.wait_gone(lambda: (reap(), descendants())[1], 3)
    left = [f'{stat[0]} ({pid})' for pid in descendants() if (stat := proc.stat_of(pid))]
    while descendants():
        proc.send(descendants(), signal.SIGKILL)
        time.sleep(0.02)
        reap()
    return left


def remove_stacks(folder):
    """Stops and wipes the systems that tests began below `folder` and did not end."""
    for origin in glob.glob('/var/tmp/boxoffice-*/origin'):
        try:
            with open(origin) as file:
                path = file.readline().strip()
            if os.stat(origin).st_uid == os.geteuid() and path.startswith(folder + '/'):
                stack = Stack(path, BUILD)
                if stack.state == os.path.dirname(origin):
                    stack.down()
                    stack.wipe()
        except (OSError, StackError):
            continue


def count_junit(path):
    """(passed, names of the failed, (name, reason) of the skipped)"""
    passed, failed, skipped = 0, [], []
    for case in xml.etree.ElementTree.parse(path).iter('testcase'):
        if case.find('failure') is not None or case.find('error') is not None:
            failed.append(f'{case.get("classname", "")}.{case.get("name")}')
        elif (skip := case.find('skipped')) is not None:
            skipped.append((case.get('name'), skip.get('message', '')))
        else:
            passed += 1
    return passed, failed, skipped


def count_tap(path):
    with open(path, errors='replace') as file:
        lines = [line.strip() for line in file]
    failed = [line[6:].strip(' -') for line in lines if re.match(r'not ok\b', line)]
    done = [line[2:].strip(' -') for line in lines if re.match(r'ok\b', line)]
    skipped = [(found[1].strip(), found[2].strip()) for line in done
               if (found := re.match(r'(.*?)# *skip\S*(.*)', line, re.IGNORECASE))]
    return len(done) - len(skipped), failed, skipped


def count(out, status):
    """(passed, names of the failed, (name, reason) of the skipped) of one stage."""
    passed, failed, skipped = 0, [], []
    for path in sorted(glob.glob(f'{out}/*.xml') + glob.glob(f'{out}/*.tap')):
        try:
            ok, not_ok, no = (count_junit if path.endswith('.xml') else count_tap)(path)
        except (xml.etree.ElementTree.ParseError, OSError) as problem:
            ok, not_ok, no = 0, [f'{path}: {problem}'], []
        passed += ok
        failed += not_ok
        skipped += no
    if status == 0 and not passed and not failed and not skipped:
        passed = 1
    if status != 0 and not failed:
        failed = [f'ended with status {status}']
    return passed, failed, skipped


def reasons(skipped):
    """A line for each reason: the case, or how many."""
    names = {}
    for name, reason in skipped:
        names.setdefault(reason, []).append(name)
    return [f'{found[0] if len(found) == 1 else f"{len(found)} cases"}: {reason}' for reason, found in names.items()]


def show_notes(out):
    """What a stage wants to be read though nothing failed."""
    with contextlib.suppress(FileNotFoundError), open(f'{out}/notes', errors='replace') as notes:
        for line in notes.read().splitlines()[:30]:
            say(f'      {line}')


def run_stage(name, command, is_whole):
    """(passed, number of failures, lines about the skipped)"""
    out = f'{TOP}/{name}'
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    environment = dict(os.environ, BUILD=BUILD, BUILD_ASAN=BUILD_ASAN, OUT=out, SRC=SOURCE,
                       PYTHONPATH=f'{SOURCE}/tests/lib', PYTHONDONTWRITEBYTECODE='1')
    environment.pop('WHOLE', None)
    if is_whole:
        environment['WHOLE'] = 'yes'
    limit_s = NAMED_LIMIT_S if name in NAMED_ONLY else STAGE_LIMIT_S
    started = time.monotonic()
    with open(f'{out}/output.log', 'wb') as log, Heartbeat(name):
        process = subprocess.Popen([command], cwd=SOURCE, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, start_new_session=True)
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            status = f'none within {limit_s} s'
            proc.send(proc.members_of(process.pid), signal.SIGKILL)
            process.wait()
    left = kill_descendants()
    remove_stacks(out)
    passed, failed, skipped = count(out, status)
    failed += [f'left running: {who}' for who in left]
    word = 'FAIL ' if failed else 'ok   ' if passed else 'skip '
    say(f'{word} {name}: {passed} passed, {len(failed)} failed, '
        f'{f"{len(skipped)} skipped, " if skipped else ""}{time.monotonic() - started:.0f} s')
    for what in reasons(skipped):
        say(f'      skipped {what}')
    show_notes(out)
    if not failed:
        shutil.rmtree(out, ignore_errors=True)
    else:
        for what in failed[:30]:
            say(f'      {what}')
        with open(f'{out}/output.log', errors='replace') as log:
            for line in log.read().splitlines()[-40:]:
                say(f'      | {line}')
        say(f'      logs: {out}')
    return passed, len(failed), [f'{name}: {what}' for what in reasons(skipped)]


def make(folder, *options):
    """One build by ./dev, so that there is one way to build."""
    with Heartbeat(f'building {folder}'):
        done = subprocess.run([f'{SOURCE}/dev', 'build', folder, *options],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        say(f'FAIL  build of {folder}: {(done.stderr.strip().splitlines() or ["?"])[-1]}')
    return done.returncode == 0


def run(chosen, is_whole):
    """As run_stage, of all that were chosen."""
    say('      building')
    if not make('obj'):
        return 0, 1, []
    if any('BUILD_ASAN' in open(command).read() for command in chosen.values()):
        say('      building with sanitizers')
        if not make('asan', '--enable-sanitizers'):
            return 0, 1, []
    totals = [run_stage(name, command, is_whole) for name, command in chosen.items()]
    return (sum(total[0] for total in totals), sum(total[1] for total in totals),
            [what for total in totals for what in total[2]])


def main(arguments):
    chosen = stages()
    if arguments:
        if arguments[0] not in chosen:
            print(f'dev: the stages are: {", ".join(chosen)}', file=sys.stderr)
            return 2
        chosen = {arguments[0]: chosen[arguments[0]]}
    else:
        chosen = {name: command for name, command in chosen.items() if name not in NAMED_ONLY}
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)

    def end(number, frame):
        kill_descendants()
        remove_stacks(TOP)
        os._exit(1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)

    os.makedirs(TOP, exist_ok=True)
    remove_stacks(TOP)
    passed, failed, skipped = run(chosen, bool(arguments))
    for what in skipped:
        say(f'skipped {what}')
    say(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
