"""Guards that are marked in the sources, and the texts without them.

A marker is a comment `guard: NAME` in front of the guard: `/* guard: NAME */` in C and SQL, `-- guard: NAME` to the end of a
line in SQL, `# guard: NAME` in nginx's configuration. The code after the marker decides how far it reaches and what remains
without the guard:

    IF … THEN, … WHEN …, if (…)      the whole condition: false
    an operand of AND or &&           up to the next operator of its depth: true
    an operand of OR or ||            the same: false
    return …;                         the returned value: true
    FOR UPDATE, ON CONFLICT …         the clause: nothing
    a statement, an element of a {}   the whole: nothing (in C: an empty statement)

An operator right after the marker is skipped: `/* guard: owner */ AND user_id = …` equals `AND /* guard: owner */ …`.
A list may give another replacement. For any other operand (`SET x = /* guard: … */ y`) it must.
"""
import re

COMMENT = {'sql': r'--[^\n]*|/\*.*?\*/', 'c': r'//[^\n]*|/\*.*?\*/', 'conf': r'#[^\n]*'}
TEXT = {'sql': r"'(?:''|[^'])*'", 'c': r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', 'conf': r'"(?:\\.|[^"\\])*"'}
MARKER = re.compile(r'(?:--|/\*|#) guard: (.*?)(?: \*/)?$')
NAME = re.compile(r"[A-Za-z][\w' .-]*")
OPENING, CLOSING = '([{', ')]}'
CLAUSES = ('FOR', 'SKIP', 'ON')
# What ends an operand at its own depth.
ENDS = {'sql': {'AND', 'OR', 'THEN', 'LOOP', 'RETURNING', 'ORDER', 'GROUP', 'LIMIT', 'FOR', 'ON', 'UNION', 'FROM', 'AS', 'WHERE',
                'ELSE', 'WHEN', 'END', 'INTO', ',', ';', '$$'},
        'c': {'&&', '||', '?', ':', ',', ';'}, 'conf': {';'}}
LEFT = {'AND': 'true', '&&': 'true', 'WHERE': 'true', 'HAVING': 'true', 'OR': 'false', '||': 'false'}
STARTS = {'sql': {';', 'THEN', 'LOOP', 'BEGIN', 'ELSE', '$$'}, 'c': {';', '{', '}', ')', 'else'}, 'conf': {';', '{', '}'}}


class Broken(Exception):
    """The list does not fit the sources any more."""


class Mark:
    """What a marker guards: text[begin:end], in whose place without it stands `left` (None: nobody says)."""

    def __init__(self, name, line, begin, end, left):
        self.name, self.line, self.begin, self.end, self.left = name, line, begin, end, left


class Tokens:
    """(begin, end, word) without blanks and comments; keywords of SQL in capitals as they stand."""

    def __init__(self, text, language):
        self.text, self.language = text, language
        self.words, self.markers = [], []
        pattern = re.compile(rf'(?P<comment>{COMMENT[language]})|{TEXT[language]}|\$[a-z]*\$|&&|\|\||\w+|[^\s\w]', re.S)
        for match in pattern.finditer(text):
            if not match['comment']:
                word = '$$' if re.fullmatch(r'\$[a-z]*\$', match[0]) else match[0]
                self.words.append((match.start(), match.end(), word))
            elif ' guard:' in match[0]:
                found = MARKER.fullmatch(match[0])
                if not found or not NAME.fullmatch(found[1]):
                    raise Broken(f'line {self.line(match.start())}: no marker of a guard: {match[0]}')
                self.markers.append((found[1], match.start(), len(self.words)))

    def line(self, position):
        return self.text.count('\n', 0, position) + 1

    def word(self, at):
        return self.words[at][2] if 0 <= at < len(self.words) else ''

    def is_in_case(self, at):
        """Inside a CASE, whose THEN and ELSE begin no statement."""
        depth = 0
        while self.language == 'sql' and at > 0 and self.word(at - 1) != ';':
            at -= 1
            depth += {'CASE': 1, 'END': -1}.get(self.word(at), 0)
        return depth > 0

    def until(self, at, ends):
        """The first word from here on, at this depth, that is one of these or closes what was opened before."""
        depth = 0
        while at < len(self.words):
            word = self.word(at)
            if depth == 0 and (word in CLOSING or word in ends and not (word == 'FROM' and self.word(at - 1) == 'DISTINCT')):
                return at
            if word in OPENING or word == 'CASE':
                depth += 1
            elif word in CLOSING or word == 'END' and self.language == 'sql':
                depth -= 1
            at += 1
        return at


def left_between(tokens, at, end):
    """What is left of an operand, by the operators around it; of a whole condition: false."""
    before, behind = tokens.word(at - 1), tokens.word(end)
    if behind in ('AND', 'OR', '&&', '||'):
        return LEFT[behind]
    if before in ('IF', 'ELSIF', 'WHEN') or before == '(' and tokens.word(at - 2) in ('if', 'while'):
        return 'false'
    return LEFT.get(before)


def reach(tokens, at):
    """(first word, word behind the last, what is left) of what a marker in front of this word guards."""
    word, before = tokens.word(at), tokens.word(at - 1)
    if word in ('IF', 'ELSIF', 'WHEN'):
        return at + 1, tokens.until(at + 1, {'THEN', ';'}), 'false'
    if word in ('EXIT', 'CONTINUE'):
        at = tokens.until(at, {'WHEN'}) + 1
        return at, tokens.until(at, {';'}), 'false'
    if word in ('if', 'while') and tokens.word(at + 1) == '(':
        return at + 2, tokens.until(at + 2, ()), 'false'
    if word == 'return':
        return at + 1, tokens.until(at + 1, {';'}), 'true'
    if word in LEFT:
        return at + 1, tokens.until(at + 1, ENDS[tokens.language]), LEFT[word]
    if tokens.language == 'sql' and word in CLAUSES:
        return at, tokens.until(at, {';', 'LOOP', 'RETURNING'}), ''
    if tokens.language == 'c' and (word in '.{' or before == ','):
        end = tokens.until(at, {','})
        return at, end + (tokens.word(end) == ','), ''
    if before in STARTS[tokens.language] and not tokens.is_in_case(at):
        return at, tokens.until(at, {';'}) + 1, ';' if tokens.language == 'c' else ''
    end = tokens.until(at, ENDS[tokens.language])
    return at, end, left_between(tokens, at, end)


def marks(text, language):
    """Of all markers, in their order."""
    tokens = Tokens(text, language)
    found = []
    for name, position, at in tokens.markers:
        first, behind, left = reach(tokens, at)
        if first >= behind or behind > len(tokens.words):
            raise Broken(f'line {tokens.line(position)}: nothing stands behind the marker of {name}')
        found.append(Mark(name, tokens.line(position), tokens.words[first][0], tokens.words[behind - 1][1], left))
    return found


def without(text, language, taken):
    """The text without guards: [(name, what stands instead or None)]."""
    there = marks(text, language)
    cuts = []
    for name, instead in taken:
        found = [mark for mark in there if mark.name == name]
        if len(found) != 1:
            raise Broken(f'the marker "{name}" stands {len(found)} times')
        left = found[0].left if instead is None else instead
        if left is None:
            raise Broken(f'nobody says what stands instead of "{name}"')
        cuts.append((found[0].begin, found[0].end, left))
    behind = len(text)
    for begin, end, left in sorted(cuts, reverse=True):
        if end > behind:
            raise Broken(f'of {", ".join(name for name, _ in taken)} one is part of another')
        text, behind = text[:begin] + left + text[end:], begin
    return text
