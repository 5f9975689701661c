"""The units of systemd: what they say, how little a service may do, and how it behaves under a real systemd."""

import ast
import configparser
import glob
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from machine import Machine

SRC = os.environ["SRC"]
BUILD = os.environ["BUILD"]
UNITS = f"{BUILD}/packaging/made/units"
SERVICES = sorted(os.path.basename(path) for path in glob.glob(f"{UNITS}/*.service"))
GUEST = f"{os.path.dirname(__file__)}/booted.py"
EXPOSURE_MAX = 15  # tenths, of what `systemd-analyze security` counts

needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def read_unit(name):
    """{section: {key: [value, …]}}"""
    sections = {}
    with open(f"{UNITS}/{name}") as file:
        for line in (line.strip() for line in file):
            if line.startswith("["):
                current = sections.setdefault(line.strip("[]"), {})
            elif line and line[0] not in "#;":
                key, _, value = line.partition("=")
                current.setdefault(key, []).append(value)
    return sections


def example():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(f"{BUILD}/packaging/boxoffice.conf.example")
    return parser


def test_the_socket_unit_has_every_pool_of_the_example_configuration():
    wanted = read_unit("boxofficed.socket")["Socket"]
    pools = [name[5:] for name in example().sections() if name.startswith("pool ")]
    assert pools and wanted["ListenStream"] == [f"/run/boxoffice/{pool}.sock" for pool in pools]
    assert wanted["SocketUser"] == [example()["server"]["user"]]
    assert wanted["SocketGroup"] == [example()["server"]["socket_group"]]


def test_nothing_drops_what_waits_in_a_socket():
    wanted = read_unit("boxofficed.socket")["Socket"]
    assert not {"RemoveOnStop", "FlushPending", "Accept"} & set(wanted)
    assert wanted["TriggerLimitIntervalSec"] == ["0"]


def test_systemd_waits_longer_than_any_stop_of_the_configuration_takes():
    with open(f"{SRC}/src/conf/param.def") as file:
        most_ms = int(re.search(r"PARAM\(server, stop_timeout_ms, INT, \d+, (\d+),", file.read())[1])
    assert read_unit("boxofficed.service")["Service"]["TimeoutStopSec"] == [f"{most_ms // 1000 + 10}s"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_begins_as_root(name):
    assert read_unit(name)["Service"]["User"] == ["boxoffice"]


@needs_analyze
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardly_exposed(name):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", f"{UNITS}/{name}"],
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_analyze
def test_systemd_finds_nothing_wrong(tmp_path):
    """In a root that has systemd's own units, ours, and an empty file for each program."""
    root = str(tmp_path)
    for folder in ("/usr/lib/systemd/system", "/etc/systemd/system"):
        shutil.copytree(folder, root + folder, symlinks=True, ignore_dangling_symlinks=True)
    shutil.copytree(UNITS, f"{root}/etc/systemd/system", symlinks=True, dirs_exist_ok=True)
    names = SERVICES + ["boxofficed.socket"]
    for name in SERVICES:
        for commands in (values for key, values in read_unit(name)["Service"].items() if key.startswith("Exec")):
            for command in commands:
                path = root + command.lstrip("-+@:!").split()[0]
                os.makedirs(os.path.dirname(path), exist_ok=True)
                open(path, "w", opener=lambda p, f: os.open(p, f, 0o755)).close()
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={root}", *names],
        capture_output=True, text=True, timeout=60,
    )
    ours = [line for line in done.stderr.splitlines() if "boxoffice" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


# --- under a real systemd

# The root of this machine without its units. A build of ./dev looks for its configuration elsewhere. No test waits for the
# watchdog's 30 seconds.
PREPARE = r"""
echo preparing
rm -rf etc/systemd/system/*
: >etc/fstab
tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
mkdir -p etc/boxoffice etc/sysusers.d etc/tmpfiles.d
cp -r "$BUILD/packaging/made/units"/* etc/systemd/system/
cp "$SRC/packaging/sysusers.d/boxoffice.conf" etc/sysusers.d/
cp "$SRC/packaging/tmpfiles.d/boxoffice.conf" etc/tmpfiles.d/
cp "$BUILD/boxofficed" usr/sbin/
mkdir -p usr/libexec/boxoffice
cp "$BUILD/boxoffice-relay" usr/libexec/boxoffice/
printf '[Manager]\nDefaultEnvironment=BOXOFFICE_CONF=/etc/boxoffice/boxoffice.conf\n' >etc/systemd/system.conf
mkdir -p etc/systemd/system/boxofficed.service.d
printf '[Service]\nWatchdogSec=2s\n' >etc/systemd/system/boxofficed.service.d/watchdog.conf
cp "$BUILD/packaging/boxoffice.conf.example" etc/boxoffice/boxoffice.conf
"$BUILD/boxofficectl" secrets create "$PWD/etc/boxoffice/secrets.conf"
echo prepared
"""


def why_not_bootable():
    if os.geteuid() != 0:
        return "only root can boot a systemd of its own"
    if shutil.which("systemd-nspawn") is None or not os.path.exists("/lib/systemd/systemd"):
        return "systemd-nspawn or systemd is not installed"
    return None


@pytest.fixture(scope="module")
def guest(tmp_path_factory):
    """{name of a test: what went wrong, None when nothing did} of those that ran in the guest."""
    if why_not_bootable():
        pytest.skip(why_not_bootable())
    folder, out = (str(tmp_path_factory.mktemp(name)) for name in ("machine", "out"))
    try:
        machine = Machine(
            "/", folder, PREPARE, [f"--bind-ro={SRC}:/src", f"--bind={out}:/out", "systemd.unit=basic.target"]
        )
    except OSError as problem:
        with open(f"{folder}/console.log") as file:
            console = file.read()
        assert "preparing" not in console or "prepared" in console, console
        pytest.skip(str(problem))
    with machine:
        done = machine.run(
            "setsid", "--wait", "env", "PYTHONPATH=/src/tests/lib", "PYTHONDONTWRITEBYTECODE=1", "/usr/bin/python3", "-m", "pytest", "-q",
            "-p", "no:cacheprovider", "--junit-xml=/out/guest.xml", "/src/tests/server/booted.py",
        )
    assert os.path.exists(f"{out}/guest.xml"), done.stdout + done.stderr
    cases = ElementTree.parse(f"{out}/guest.xml").iter("testcase")
    return {case.get("name"): case[0].text if len(case) else None for case in cases}


def guest_tests():
    with open(GUEST) as file:
        return [node.name for node in ast.parse(file.read()).body
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.mark.parametrize("name", guest_tests())
def test_under_systemd(guest, name):
    assert guest[name] is None, guest[name]
