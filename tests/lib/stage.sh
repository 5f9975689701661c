# shellcheck shell=sh
# What the run script of a stage begins with:  . "$(dirname -- "$0")/../lib/stage.sh"
# Sets what ./dev test sets (tests/README.md) where a stage is run by itself, and brings run_pytest.
set -u
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
stage=${here##*/}
SRC=${SRC:-${here%/tests/*}}
BUILD=${BUILD:-$SRC/build/obj}
BUILD_ASAN=${BUILD_ASAN:-$SRC/build/asan}
if [ -z "${OUT:-}" ]; then
	OUT=$SRC/build/test/$stage
	rm -rf "$OUT"
	mkdir -p "$OUT"
fi
PYTHONPATH=$SRC/tests/lib
PYTHONDONTWRITEBYTECODE=1
export SRC BUILD BUILD_ASAN OUT PYTHONPATH PYTHONDONTWRITEBYTECODE

# run_pytest NAME [ARGUMENT …]: in the stage's folder; the results are NAME.xml.
run_pytest()
{
	results=$OUT/$1.xml
	shift
	(cd "$here" && exec /usr/bin/python3 -m pytest -q -rs -p no:cacheprovider --junit-xml="$results" "$@")
}
