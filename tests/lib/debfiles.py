"""Packages of Debian that lie in a folder."""
import glob
import os
import re
import subprocess


def named(folder):
    """{name: path}, without the debugging symbols."""
    return {os.path.basename(path).split('_')[0]: path for path in glob.glob(f'{folder}/*.deb') if '-dbgsym' not in path}


def field(path, name):
    return subprocess.run(['dpkg-deb', '-f', path, name], capture_output=True, text=True, check=True).stdout.strip()


def dependencies(path):
    """Names of foreign packages; the first of alternatives."""
    names = [re.match(r'[\w.+-]+', term.strip())[0] for term in field(path, 'Depends').split(',')]
    return {name for name in names if not name.startswith('boxoffice')}
