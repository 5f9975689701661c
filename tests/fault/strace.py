"""strace on one worker: lists its calls in a request, and kills it at a chosen call.

A worker is killed at the entry of a call, so nothing of that call happens. strace counts from the moment
when it is attached, so a trace begins with a worker that waits for its first request.
"""
import collections
import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import time

from proc import children_of, fds_of, is_live, listening, stat_of
from wait import wait_for

WAITS = ('poll', 'ppoll')
CALLS = ('connect', 'write', 'writev', 'sendto', 'sendmsg', 'read', 'readv', 'recvfrom', 'recvmsg', 'close',
         *WAITS)


def why_unseen(stack):
    """Why a worker cannot be told from the others; None when it can."""
    try:
        os.readlink(f'/proc/{children_of(stack.pid("boxofficed"))[0]}/fd/0')
        return None
    except PermissionError as problem:
        return f'no ptrace: {problem.strerror}'


def why_not(stack):
    """Why a worker cannot be traced; None when it can."""
    if shutil.which('strace') is None:
        return 'strace is not installed'
    if reason := why_unseen(stack):
        return reason
    trace = Strace(worker_of(stack, 'booking'), '/dev/null')
    try:
        with trace:
            return None
    except AssertionError as problem:
        trace.__exit__()
        return f'no ptrace: {problem}'


def worker_of(stack, pool, not_pid=None):
    """Pid of the only worker of a pool, once it waits for a request."""
    socket = listening(f'{stack.state}/run/{pool}.sock')

    def waits():
        for pid in children_of(stack.pid('boxofficed')):
            with contextlib.suppress(OSError):
                if pid != not_pid and socket in fds_of(pid).values() and is_asleep(pid):
                    return pid
        return None
    return wait_for(waits, 10, f'a worker of {pool} waits for requests')


def is_asleep(pid):
    """In epoll_wait: how a worker waits for a request, and for nothing else."""
    with open(f'/proc/{pid}/wchan') as file:
        where = file.read()
    return 'ep_poll' in where or 'epoll' in where


class Strace:
    """with Strace(pid, out, …) as trace: attached inside; strace ends with the worker or here."""

    def __init__(self, pid, out, *options):
        self.pid, self.out = pid, out
        self.command = ['strace', '-f', '-p', str(pid), '-o', out, '-e', f'trace={",".join(CALLS)}', *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        ready, _, _ = select.select([self.process.stderr], [], [], 10)
        said = os.read(self.process.stderr.fileno(), 4096) if ready else b''
        assert b'attached' in said, f'strace does not attach: {said!r}'
        return self

    def __exit__(self, *problem):
        if self.process.poll() is None and is_live(self.pid):
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()


def points_of(pid, out, ask, is_whole):
    """[(call, its number, whom it concerns)] of one request, in their order: each is a point to kill at.
    What a library reads from files is none. `is_whole`: waiting counts too."""
    with Strace(pid, out, '-yy'):
        ask()
    numbers, peers, points = collections.Counter(), {}, []
    with open(out) as file:
        for line in file:
            match = re.match(r'(?:\d+ +)?(\w+)\((.*)', line)
            if not match or match[1] not in CALLS:
                continue
            call = match[1]
            numbers[call] += 1
            peer = peer_of(call, match[2], peers)
            if peer and (is_whole or call not in WAITS):
                points.append((call, numbers[call], peer))
    return points


def peer_of(call, arguments, peers):
    """Who is behind the descriptor; `peers` remembers what was connected. None: a file."""
    fd = re.match(r'(?:\[\{fd=)?(\d+)<(.*)', arguments)
    if fd is None:
        return None
    if call == 'connect':
        peers[fd[1]] = 'memcached' if 'memcached' in arguments else 'postgresql'
        return peers[fd[1]]
    path = fd[2].split('>, ')[0]
    if 'UNIX' in path or 'TCP' in path or path.startswith('socket:'):
        return 'nginx' if 'run/booking.sock' in path else peers.get(fd[1], 'nginx')
    return 'log' if '.log' in path else None


def summary(points):
    """`sendto 3 postgresql, …`: how many of each."""
    counts = collections.Counter((call, peer) for call, _, peer in points)
    return ', '.join(f'{call} {peer} {count}' for (call, peer), count in counts.items())


def kill_at(pid, out, call, number, ask):
    """Asks with the worker set to die at the entry of its number-th `call`; whether it died."""
    with Strace(pid, out, '-e', f'inject={call}:signal=KILL:when={number}'):
        ask()
        # The client may have its answer before the worker comes to the point.
        deadline = time.monotonic() + 1
        while is_live(pid) and not is_asleep_again(pid) and time.monotonic() < deadline:
            time.sleep(0.002)
        return not is_live(pid)


def is_asleep_again(pid):
    try:
        return stat_of(pid) is not None and is_asleep(pid)
    except OSError:
        return False
