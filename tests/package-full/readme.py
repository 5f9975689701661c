"""The commands of a text: the blocks that are indented by four columns, each as it stands."""
import re
import textwrap


def blocks(text):
    return [textwrap.dedent(block) for block in re.findall(r'(?:^ {4}.*\n(?:\n(?= {4}))?)+', text, re.MULTILINE)]
