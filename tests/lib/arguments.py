"""The command lines of our Python programs: a mistake is one line, and --help prints all."""
import argparse
import os
import sys


class Parser(argparse.ArgumentParser):
    """As argparse has it, without the usage before each error; BOXOFFICE_COMMAND is what the caller typed."""

    def __init__(self, program):
        super().__init__(prog=os.environ.get('BOXOFFICE_COMMAND', program), allow_abbrev=False)

    def error(self, message):
        print(f'{self.prog}: {message}; {self.prog} --help says more', file=sys.stderr)
        sys.exit(2)
