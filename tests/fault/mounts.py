"""Mounts that only this process and its children can see."""
import ctypes
import os
import shutil
import subprocess

CLONE_NEWNS = 0x00020000


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr.strip() or f'{command[0]} failed'


def make_private():
    """Why there can be no mounts of our own; None when there can."""
    if os.geteuid() != 0 or shutil.which('mount') is None:
        return 'mounting takes root'
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        return f'no mounts of our own: {os.strerror(ctypes.get_errno())}'
    return run('mount', '--make-rprivate', '/')


def mount_small(path, size_mb):
    """A disk of that size over a folder; why not, or None."""
    return run('mount', '-t', 'tmpfs', '-o', f'size={size_mb}m', 'none', path)


def unmount(path):
    if os.path.ismount(path):
        run('umount', '-l', path)
