"""The units of systemd: what they say, how little a service may do, and how it behaves under a real systemd."""

import ast
import configparser
import glob
import os
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

SRC = os.environ["SRC"]
BUILD = os.environ["BUILD"]
UNITS = f"{BUILD}/packaging/made/units"
SERVICES = sorted(os.path.basename(path) for path in glob.glob(f"{UNITS}/*.service"))
GUEST = f"{os.path.dirname(__file__)}/guest/booted.py"
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

BOOT = r"""
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
cd "$1/root"
rm -rf etc/systemd/system/*
: >etc/fstab
tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
mkdir -p etc/boxoffice etc/sysusers.d etc/tmpfiles.d
cp -r "$BUILD/packaging/made/units"/* etc/systemd/system/
cp "$SRC/packaging/sysusers.d/boxoffice.conf" etc/sysusers.d/
cp "$SRC/packaging/tmpfiles.d/boxoffice.conf" etc/tmpfiles.d/
cp "$SRC/tests/server/guest"/guest.* etc/systemd/system/
cp "$BUILD/boxofficed" usr/sbin/
# A build of ./dev looks for its configuration elsewhere. No test waits for the watchdog's 30 seconds.
mkdir -p etc/systemd/system/boxofficed.service.d
printf '[Service]\nEnvironment=BOXOFFICE_CONF=/etc/boxoffice/boxoffice.conf\nWatchdogSec=2s\n' >\
	etc/systemd/system/boxofficed.service.d/conf.conf
cp "$BUILD/packaging/boxoffice.conf.example" etc/boxoffice/boxoffice.conf
"$BUILD/boxofficectl" secrets create "$PWD/etc/boxoffice/secrets.conf" >&2
exec timeout -k 5 100 systemd-nspawn --quiet --register=no --keep-unit --private-network -D "$1/root" -b \
	--console=pipe --bind-ro="$SRC:/src" --bind="$2:/out" systemd.unit=guest.target </dev/null
"""


def why_not_bootable():
    if os.geteuid() != 0:
        return "only root can boot a systemd of its own"
    if shutil.which("systemd-nspawn") is None or not os.path.exists("/lib/systemd/systemd"):
        return "systemd-nspawn or systemd is not installed"
    probe = "mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w && " \
            "mount -t overlay overlay -o lowerdir=/usr,upperdir=/mnt/u,workdir=/mnt/w /mnt"
    done = subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c", probe], capture_output=True)
    return "" if done.returncode == 0 else "no overlay can be mounted here"


@pytest.fixture(scope="module")
def guest(tmp_path_factory):
    """{name of a test: what went wrong, None when nothing did} of those that ran in the guest."""
    if why_not_bootable():
        pytest.skip(why_not_bootable())
    root, out = (str(tmp_path_factory.mktemp(name)) for name in ("root", "out"))
    done = subprocess.run(
        ["unshare", "-m", "--propagation", "private", "sh", "-c", BOOT, "boot", root, out],
        capture_output=True, text=True, timeout=120,
    )
    if not os.path.exists(f"{out}/guest.log"):
        pytest.skip(f"no systemd boots here: {done.stdout[-500:]}{done.stderr[-500:]}")
    with open(f"{out}/guest.log") as file:
        assert os.path.exists(f"{out}/guest.xml"), f"the tests of the guest did not end: {file.read()}"
    cases = ElementTree.parse(f"{out}/guest.xml").iter("testcase")
    return {case.get("name"): case[0].text if len(case) else None for case in cases}


def guest_tests():
    with open(GUEST) as file:
        return [node.name for node in ast.parse(file.read()).body
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.mark.parametrize("name", guest_tests())
def test_under_systemd(guest, name):
    assert guest[name] is None, guest[name]
