# shellcheck shell=sh
# The run script of a stage begins with:  . "$(dirname -- "$0")/../lib/stage.sh"
# It sets the variables of ./dev test (tests/README.md) when a stage runs by itself, and offers ways to run pytest.
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

# run_pytest NAME [ARGUMENT …]: runs pytest in the stage's folder; the results are in NAME.xml.
run_pytest()
{
	results=$OUT/$1.xml
	shift
	(cd "$here" && exec /usr/bin/python3 -m pytest -q -rs -p no:cacheprovider --junit-xml="$results" "$@")
}

# chosen [ARGUMENT …]: with arguments, runs pytest with them and ends the script.
chosen()
{
	[ $# -eq 0 ] || { run_pytest "$stage" "$@"; exit; }
}

# beside GROUP …: a group is the modules of one process of pytest. One more process takes all modules that no group
# names. The processes run at once, each with its own folder OUT and so with its own system.
beside()
{
	rest='' count=0 pids='' status=0
	for group in "$@" ''; do
		count=$((count + 1))
		modules=
		for module in $group; do
			modules="$modules $module.py"
			rest="$rest --ignore=$module.py"
		done
		mkdir "$OUT/$count"
		# shellcheck disable=SC2086 # names of modules hold no blanks
		(OUT=$OUT/$count && run_pytest "../$stage-$count" ${modules:-$rest}) >"$OUT/$count/pytest.log" 2>&1 &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid" || status=$?
	done
	cat "$OUT"/*/pytest.log
	for notes in "$OUT"/*/notes; do
		[ ! -e "$notes" ] || cat "$notes" >>"$OUT/notes"
	done
	return "$status"
}
