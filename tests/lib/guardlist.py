"""Lists of guards (tests/isolation/guards.txt, tests/guards/guards.txt): which markers of the sources are removed, and
which test must then fail.

    guard PLACE: NAME           has its own marker unless told otherwise; PLACE is a function of the database, or a file
      red TEST                  must fail without it
      without NAME, NAME        these markers are removed together; `PLACE: NAME, NAME` when they are elsewhere
      instead TEXT              replaces the last one; without this line tests/lib/markers.py gives the replacement
      sql STATEMENT             also runs in the database

A file is named by the end of its path, as long as needed to be unique.
"""
import collections
import glob
import os
import re

import markers
from markers import Broken

FILES = {'src/**/*.[ch]': 'c', 'sql/reads/*/*.sql': 'sql', 'nginx/*.in': 'conf'}
FUNCTION = re.compile(r'^CREATE OR REPLACE FUNCTION ([\w.]+)\(.*?(?=^COMMENT ON FUNCTION )', re.S | re.M)
# The owner in a condition, and no marker in front of it.
OWNER_IN_READ = re.compile(r'(?<!\*/ )(?<![\w.])(?:\w\.)?user_id = \$\d')
OWNER_IN_FUNCTION = re.compile(r'\b(?:hold|order|payment)_id = p_\w+\s+AND user_id = p_user_id\b')


class Guard:
    def __init__(self, name):
        self.name = name
        self.red = []    # tests, one of which must fail without the guard
        self.taken = []  # [place, marker, what stands instead or None]
        self.sql = []    # statements

    def __str__(self):
        return self.name

    def places(self):
        """{place: [(marker, what stands instead)]}"""
        found = collections.defaultdict(list)
        for place, name, instead in self.taken:
            found[place].append((name, instead))
        return found


def load(path, red):
    """Guards of a list; red(text) gives the tests that such a line names."""
    guards = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            word, _, rest = line.strip().partition(' ')
            try:
                if word and not word.startswith('#'):
                    take_line(guards, word, rest.strip(), red)
            except (IndexError, ValueError) as problem:
                raise Broken(f'{path}:{number}: {problem}') from problem
    for guard in guards:
        if not guard.taken and not guard.sql:
            take(guard, guard.name)
        if not guard.red:
            raise Broken(f'{path}: no test minds {guard.name}')
    if twice := [name for name, count in collections.Counter(map(str, guards)).items() if count > 1]:
        raise Broken(f'{path}: twice in the list: {", ".join(twice)}')
    return guards


def take_line(guards, word, rest, red):
    if word == 'guard':
        guards.append(Guard(rest))
    elif word == 'red':
        guards[-1].red += red(rest)
    elif word == 'without':
        take(guards[-1], rest)
    elif word == 'instead':
        if not guards[-1].taken:
            take(guards[-1], guards[-1].name)
        guards[-1].taken[-1][2] = rest
    elif word == 'sql':
        guards[-1].sql.append(rest)
    else:
        raise ValueError(f'no such word: {word}')


def take(guard, text):
    place, colon, names = text.rpartition(': ')
    if not colon:
        place = guard.name.partition(': ')[0]
    guard.taken += [[place, name, None] for name in names.split(', ')]


class Sources:
    """Where guards are marked, below a top folder."""

    def __init__(self, top):
        self.top = top
        self.languages = {}  # {path: language}
        self.functions = {}  # {name: text}
        for pattern, language in FILES.items():
            for path in glob.glob(f'{top}/{pattern}', recursive=True):
                self.languages[os.path.relpath(path, top)] = language
        for path in sorted(glob.glob(f'{top}/sql/functions/*.sql')):
            for function in FUNCTION.finditer(self.read(path)):
                # Functions that share a name share their markers.
                self.functions[function[1]] = self.functions.get(function[1], '') + function[0]

    def read(self, path):
        with open(os.path.join(self.top, path), encoding='utf-8') as file:
            return file.read()

    def path(self, place):
        """Of a file by the end of its path."""
        found = [path for path in self.languages if f'/{path}'.endswith(f'/{place}')]
        if len(found) != 1:
            raise Broken(f'{len(found)} files are called {place}')
        return found[0]

    def without(self, place, taken):
        """(path or function, its text without these markers)"""
        if place in self.functions:
            key, text, language = place, self.functions[place], 'sql'
        else:
            key = self.path(place)
            text, language = self.read(key), self.languages[key]
        try:
            return key, markers.without(text, language, taken)
        except Broken as problem:
            raise Broken(f'{place}: {problem}') from problem

    def marked(self):
        """(function or path, marker) of all, none twice."""
        for key, text, language in [*((name, text, 'sql') for name, text in self.functions.items()),
                                    *((path, self.read(path), language) for path, language in self.languages.items())]:
            try:
                for mark in markers.marks(text, language):
                    yield key, mark.name
            except Broken as problem:
                raise Broken(f'{key}: {problem}') from problem


def complaints(sources, guards):
    """What does not fit between the sources and all lists together."""
    listed = set()
    for guard in guards:
        for place, taken in guard.places().items():
            try:
                key, _ = sources.without(place, taken)
                listed.update((key, name) for name, _ in taken)
            except Broken as problem:
                yield f'guard {guard.name}: {problem}'
    try:
        for key, name in sources.marked():
            if (key, name) not in listed:
                yield f'{key}: no list has the guard "{name}"'
    except Broken as problem:
        yield str(problem)
    for name, text in sources.functions.items():
        if OWNER_IN_FUNCTION.search(text):
            yield f'{name} asks for an owner, who is not marked as a guard'
    for path in sources.languages:
        if path.endswith('.sql') and OWNER_IN_READ.search(sources.read(path)):
            yield f'{path} asks for an owner, who is not marked as a guard'
