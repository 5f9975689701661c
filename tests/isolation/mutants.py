"""The list of guards (mutants.txt) and the mutation that removes each."""
import re


class Broken(Exception):
    """The list does not fit the functions any more."""


class Guard:
    def __init__(self, name):
        self.name = name
        self.red = []      # tests, one of which must fail without the guard
        self.edits = []    # [function or file, [(text, replacement, whether it may stand there more than once)]]
        self.sql = []      # statements

    def __str__(self):
        return self.name


def load(path, red):
    """Guards of the list, whose form its own head explains; red(text) gives the tests that such a line names."""
    guards = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip('\n')
            word, _, rest = line.strip().partition(' ')
            if not word or word.startswith('#'):
                continue
            try:
                take_line(guards, word, rest.strip(), red)
            except (IndexError, ValueError) as problem:
                raise Broken(f'{path}:{number}: {problem}') from problem
    return guards


def take_line(guards, word, rest, red):
    if word == 'guard':
        guards.append(Guard(rest))
    elif word == 'red':
        guards[-1].red += red(rest)
    elif word == 'in':
        guards[-1].edits.append((rest, []))
    elif word in ('-', '-*'):
        guards[-1].edits[-1][1].append([rest, '', word == '-*'])
    elif word == '+':
        guards[-1].edits[-1][1][-1][1] = rest
    elif word == 'sql':
        guards[-1].sql.append(rest)
    else:
        raise ValueError(f'no such word: {word}')


def pattern(text):
    """Blanks stand for any white space, `...` for anything up to what follows."""
    words = [r'.*?'.join(re.escape(part) for part in word.split('...')) for word in text.split()]
    return re.compile(r'\s+'.join(words), re.S)


def statements(guard, definition):
    """What takes the guard away, as SQL. `definition(name)` gives a function's present text."""
    parts = []
    if not guard.red or not (guard.edits or guard.sql):
        raise Broken('takes nothing away, or no spec minds')
    for function, edits in guard.edits:
        text = definition(function)
        for old, new, is_many in edits:
            text, count = pattern(old).subn(lambda match: new, text)
            if count == 0 or (count > 1 and not is_many):
                raise Broken(f'"{old}" stands {count} times in {function}')
        parts.append(text)
    return '\n'.join(parts + guard.sql)
