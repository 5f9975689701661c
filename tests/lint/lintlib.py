"""Shared by the lints: walks the tree, splits C into code, comments and strings, reports breaches.

A lint is a program. It takes the root of a tree (default: this one), prints each breach on a line as
"file:line: reason" and exits with 1 when there is one, or with 77 when it could not check.
"""

import os
import re
import sys

SKIPPED_FOLDERS = {".git", "build", "autom4te.cache", "__pycache__", ".pytest_cache", ".deps",
                   "node_modules", "_build", "_inst"}
GENERATED = {".git", "configure", "configure~", "aclocal.m4", "Makefile.in", "Makefile", "config.h.in",
             "config.h.in~", "config.h", "config.log", "config.status", "compile", "depcomp",
             "install-sh", "missing", "test-driver", "ar-lib", "stamp-h1"}

# What the build makes below src: no comment of its own exempts any other file.
MADE = re.compile(r"src/(?:call/[^/]+|db/statements\.c|api/schemas\.c)")

COMMENT_OR_STRING = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


class Lint:
    """One run: the tree and its breaches."""

    def __init__(self, argv):
        here = os.path.dirname(os.path.abspath(__file__))
        default = os.environ.get("BOXOFFICE_SRCDIR") or os.path.join(here, "..", "..")
        self.root = os.path.abspath(argv[1] if len(argv) > 1 else default)
        self.breaches = 0

    def breach(self, path, line, reason):
        print(f"{path}:{line}: {reason}")
        self.breaches += 1

    def end(self):
        sys.exit(1 if self.breaches else 0)

    def skip(self, reason):
        print(f"skipped: {reason}")
        sys.exit(77)

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def files(self, *folders, endings=()):
        """Paths below the folders, relative to the root; the lints' own samples are not of the tree."""
        for folder in folders:
            for at, names, files in os.walk(os.path.join(self.root, folder)):
                names[:] = sorted(n for n in names if self.is_source(os.path.join(at, n)))
                relative = os.path.relpath(at, self.root)
                if relative in ("tests/lint/planted", "tests/lint/clean"):
                    names[:] = []
                    continue
                for name in sorted(files):
                    if name in GENERATED or (endings and not name.endswith(endings)):
                        continue
                    yield os.path.normpath(os.path.join(relative, name))

    def is_generated(self, path):
        """Made by the build, in a tree that somebody built in: its maker is checked instead."""
        return MADE.fullmatch(path) is not None

    def folders(self, folder):
        path = os.path.join(self.root, folder)
        return sorted(n for n in os.listdir(path) if not n.startswith(".")
                      and self.is_source(os.path.join(path, n)))

    def is_source(self, path):
        """A folder of the tree, and none that somebody built in."""
        return (os.path.isdir(path) and os.path.basename(path) not in SKIPPED_FOLDERS
                and not os.path.exists(os.path.join(path, "config.status")))


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def blank(match):
    """The same length and lines without the content, so that positions stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


def c_code(text):
    """The text without comments, strings and character constants."""
    return COMMENT_OR_STRING.sub(blank, text)


def c_code_and_strings(text):
    return COMMENT_OR_STRING.sub(
        lambda m: blank(m) if m.group(0).startswith("/") else m.group(0), text)


def c_strings(text):
    """(line, content) of each string; adjacent ones are one."""
    strings = []
    end = None
    for match in COMMENT_OR_STRING.finditer(text):
        if match.group(0)[0] != '"':
            continue
        content = match.group(0)[1:-1]
        if end is not None and c_code(text[end:match.start()]).strip() == "":
            strings[-1] = (strings[-1][0], strings[-1][1] + content)
        else:
            strings.append((line_of(text, match.start()), content))
        end = match.end()
    return strings
