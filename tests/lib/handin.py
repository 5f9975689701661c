"""Listening sockets held for a program, as systemd does with a socket unit: they outlive each of its processes."""
import fcntl
import os
import socket

# They become descriptors 3 and above, and LISTEN_PID is the program's own pid.
LAUNCH = ('count=$1; shift; for ((i = 0; i < count; i++)); do eval "exec $((3 + i))<&$1 $1<&-"; shift; done; '
          'export LISTEN_PID=$$; exec "$@"')
FIRST = 200  # of our copies: out of the way of 3 and above


class Sockets:
    """`paths`: where to listen, in the order in which they are handed in."""

    def __init__(self, paths, backlog=64, mode=0o666, owner=None):
        self.paths = list(paths)
        self.listeners = []
        for path in self.paths:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(path)
            os.chmod(path, mode)
            if owner:
                os.chown(path, *owner)
            listener.listen(backlog)
            self.listeners.append(listener)

    def offer(self, command, names='', others=()):
        """(command, descriptors, environment) with which `command` gets the sockets, and `others` behind them. The
        descriptors are to be closed with release() once it runs."""
        fds = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD, FIRST) for each in (*self.listeners, *others)]
        return (['bash', '-c', LAUNCH, 'launch', str(len(fds)), *map(str, fds), *command], fds,
                {'LISTEN_FDS': str(len(fds)), 'LISTEN_FDNAMES': names})

    @staticmethod
    def release(fds):
        for fd in fds:
            os.close(fd)

    def close(self):
        for listener in self.listeners:
            listener.close()
