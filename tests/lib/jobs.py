"""Runs the jobs of a crontab as cron would, for a stack that has no cron.

jobs.py CRONTAB PROGRAMS starts each line in its minute. Minutes count from the start of this runner, so
that the first round comes at once. The clock decides which lines are due, in cron's own syntax. The
account of a line is ignored, and PROGRAMS is the folder of the programs.
"""
import os
import re
import shlex
import signal
import subprocess
import sys
import time

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def field_values(text, low, high):
    """The set of values that one field of a crontab line names."""
    values = set()
    for part in text.split(','):
        span, _, step = part.partition('/')
        first, _, last = span.partition('-')
        if span == '*':
            first, last = low, high
        elif not last:
            last = high if step else first
        chosen = range(int(first), int(last) + 1, int(step or 1))
        if not chosen or chosen[0] < low or chosen[-1] > high:
            raise ValueError(f'"{text}" is outside {low}-{high}')
        values.update(chosen)
    return values


class Job:
    def __init__(self, fields, command):
        self.fields = [field_values(text, *limits) for text, limits in zip(fields, RANGES)]
        self.is_any_day = fields[2] == '*' or fields[4] == '*'
        self.command = command

    def is_due(self, now):
        minutes, hours, days, months, weekdays = self.fields
        if now.tm_min not in minutes or now.tm_hour not in hours or now.tm_mon not in months:
            return False
        weekday = (now.tm_wday + 1) % 7
        of_month = now.tm_mday in days
        of_week = weekday in weekdays or (weekday == 0 and 7 in weekdays)
        # Both given means either, as cron has it.
        return of_month and of_week if self.is_any_day else of_month or of_week


def read_crontab(text, programs):
    """(jobs, settings) of a system crontab."""
    jobs, settings = [], {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        setting = re.fullmatch(r'([A-Za-z_]\w*)\s*=\s*(.*)', line)
        if setting:
            settings[setting[1]] = setting[2].strip('"\'')
            continue
        parts = line.split(None, 6)
        if len(parts) != 7:
            raise ValueError(f'line {number}: five fields, an account and a command are wanted')
        command = re.sub(r'/\S*/(boxoffice[\w-]*)',
                         lambda match: shlex.quote(os.path.join(programs, match[1])), parts[6])
        jobs.append(Job(parts[:5], command))
    return jobs, settings


def main():
    crontab, programs = sys.argv[1:]
    with open(crontab) as file:
        jobs, settings = read_crontab(file.read(), programs)
    environment = dict(os.environ)
    environment.update((name, value) for name, value in settings.items()
                       if name not in ('MAILTO', 'BOXOFFICE_CONF'))
    running = []

    def stop(number, frame):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
        for job in running:
            job.wait()
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    due_at = time.monotonic()
    while True:
        now = time.localtime()
        for job in jobs:
            if job.is_due(now):
                running.append(subprocess.Popen(['/bin/sh', '-c', job.command],
                                                env=environment, stdin=subprocess.DEVNULL))
        due_at += 60
        while (left := due_at - time.monotonic()) > 0:
            running[:] = [job for job in running if job.poll() is None]
            time.sleep(min(left, 1))


if __name__ == '__main__':
    main()
