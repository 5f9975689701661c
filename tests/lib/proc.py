"""Processes that outlive their starter, and how to recognise them later.

A pid alone does not identify a process for long: it is used again after a while, and after a reboot at
once. So a process is remembered as (pid, start time in ticks, boot), and only that triple is ever
signalled. Every service leads its own session, so that processes that it started and lost (workers of a
killed nginx) can be found by the session's number.
"""
import contextlib
import os
import pwd
import signal
import subprocess
import time


def boot_id():
    with open('/proc/sys/kernel/random/boot_id') as file:
        return file.read().strip()


def stat_of(pid):
    """(comm, state, parent, session, start) of a live process; None when there is none."""
    try:
        with open(f'/proc/{pid}/stat', 'rb') as file:
            text = file.read().decode(errors='replace')
    except (FileNotFoundError, ProcessLookupError):
        return None
    comm = text[text.index('(') + 1:text.rindex(')')]
    fields = text[text.rindex(')') + 2:].split()
    return comm, fields[0], int(fields[1]), int(fields[3]), int(fields[19])


def is_live(pid):
    stat = stat_of(pid)
    return stat is not None and stat[1] not in 'ZX'


def all_pids():
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]


def children_of(pid):
    return [p for p in all_pids() if (stat := stat_of(p)) and stat[2] == pid and stat[1] not in 'ZX']


def members_of(session):
    """Live processes of a session."""
    return [p for p in all_pids() if (stat := stat_of(p)) and stat[3] == session and stat[1] not in 'ZX']


def fds_of(pid):
    """{descriptor: what it is} of a process that may end meanwhile; {} of one that has, or may not be looked into."""
    fds = {}
    with contextlib.suppress(OSError):
        for name in os.listdir(f'/proc/{pid}/fd'):
            with contextlib.suppress(OSError):
                fds[int(name)] = os.readlink(f'/proc/{pid}/fd/{name}')
    return fds


def listening(path):
    """How fds_of() shows the unix socket that takes connections at `path`; None when nobody does."""
    with open('/proc/net/unix') as table:
        for line in table:
            fields = line.split()
            # Flags 00010000: it accepts connections.
            if len(fields) == 8 and fields[7] == path and fields[3] == '00010000':
                return f'socket:[{fields[6]}]'
    return None


def at_home(directory):
    """Live processes whose working directory is `directory`: how PostgreSQL's children, each of
    which leads its own session, are found."""
    found = []
    for pid in all_pids():
        try:
            if os.readlink(f'/proc/{pid}/cwd') == directory and is_live(pid):
                found.append(pid)
        except OSError:
            continue
    return found


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            pass


def wait_gone(pids_now, timeout_s):
    """Until `pids_now()` is empty; False when the time was not enough."""
    deadline = time.monotonic() + timeout_s
    while pids_now():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Record:
    """The file that remembers one running service: `pid start boot fingerprint` in one line."""

    def __init__(self, path):
        self.path = path

    def read(self):
        """(pid, fingerprint) while that very process lives, else (None, None)."""
        pid, start, boot, fingerprint = self.last()
        if pid is None or boot != boot_id():
            return None, None
        stat = stat_of(pid)
        if stat is None or stat[1] in 'ZX' or stat[4] != start:
            return None, None
        return pid, fingerprint

    def last(self):
        """What was written last, of a process that may be long gone."""
        try:
            with open(self.path) as file:
                pid, start, boot, fingerprint = file.read().split()
            return int(pid), int(start), boot, fingerprint
        except (FileNotFoundError, ValueError):
            return None, None, None, None

    def session(self):
        """Live members of the session that the recorded process led; it may be dead itself. A
        session's number cannot become a pid again while the session has members, so members that
        are younger than the leader are its own."""
        pid, start, boot, _ = self.last()
        if pid is None or boot != boot_id():
            return []
        leader = stat_of(pid)
        if leader is not None and leader[4] != start:
            return []
        return [p for p in members_of(pid) if (stat := stat_of(p)) and stat[4] >= start]

    def write(self, pid, fingerprint):
        temporary = self.path + '.new'
        with open(temporary, 'w') as file:
            file.write(f'{pid} {stat_of(pid)[4]} {boot_id()} {fingerprint}\n')
        os.rename(temporary, self.path)

    def remove(self):
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass


def spawn(argv, log, account=None, cwd='/', env=None, fds=()):
    """Starts `argv` in a session of its own, without our descriptors but `fds`; output is appended to the
    file `log`. As root `account` names who it runs as. Returns the Popen."""
    identity = {}
    if account and os.geteuid() == 0:
        entry = pwd.getpwnam(account)
        identity = {'user': entry.pw_uid, 'group': entry.pw_gid,
                    'extra_groups': os.getgrouplist(account, entry.pw_gid)}
    with open(log, 'ab') as output:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                close_fds=True, pass_fds=fds, start_new_session=True, cwd=cwd, env=env,
                                umask=0o022, **identity)


def stop(record, number=signal.SIGTERM, grace_s=15, also=None):
    """Ends a recorded service: the signal to the process it names, then whatever its session (and
    `also()`) still holds is killed. Silent when nothing lives."""
    pid, _ = record.read()
    if pid is not None:
        send([pid], number)
        wait_gone(lambda: is_live(pid), grace_s)

    def rest():
        return record.session() + (also() if also else [])

    wait_gone(rest, 1)
    while rest():
        send(rest(), signal.SIGKILL)
        time.sleep(0.02)
    record.remove()
