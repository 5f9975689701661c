# Restarts the services that run, if the new programs take the configuration and the schema of the database fits them. No
# database is changed here.
# $1 starts them: systemctl, or what a distribution puts in front of it.
boxoffice_restart()
{
	[ -d /run/systemd/system ] || return 0
	running=
	for unit in boxofficed.service boxoffice-relay.service; do
		if systemctl --quiet is-active "$unit"; then
			running="$running $unit"
		fi
	done
	[ -n "$running" ] || return 0
	if ! said=$(timeout 60 boxofficed --check 2>&1 >/dev/null); then
		cat <<-TEXT
		$said
		boxoffice: the new programs refuse the configuration. The old processes go on.
		boxoffice: when  boxofficed --check  finds it right:   systemctl restart$running
		TEXT
	elif timeout 60 boxofficectl db status >/dev/null 2>&1; then
		# shellcheck disable=SC2086 # names of units
		"$1" try-restart $running || true
	else
		cat <<-TEXT
		boxoffice: the schema of the database does not fit the new programs, or the database did not answer.
		boxoffice: the old processes go on. Look at:   boxofficectl db status
		boxoffice: bring the schema up to date with:   boxofficectl db migrate
		boxoffice: then start the new programs with:   systemctl restart$running
		TEXT
	fi
}
