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
	status=0
	if ! said=$(boxoffice_check 2>&1 >/dev/null); then
		cat <<-TEXT
		$said
		boxoffice: the new programs refuse the configuration. The old processes go on.
		boxoffice: when  boxofficed --check  finds it right:   systemctl restart$running
		TEXT
	elif said=$(timeout 60 boxofficectl db status 2>&1) || { status=$?; false; }; then
		# shellcheck disable=SC2086 # names of units
		"$1" try-restart $running || true
	else
		cat <<-TEXT
		$said
		boxoffice: the old processes go on. Look again with:     boxofficectl db status
		TEXT
		if [ "$status" -eq 3 ]; then
			echo 'boxoffice: bring the schema up to date with:   boxofficectl db migrate'
		fi
		echo "boxoffice: then start the new programs with:   systemctl restart$running"
	fi
}

# As the service that runs will see it: with its account, behind its sandbox.
boxoffice_check()
{
	pid=$(systemctl show --property MainPID --value boxofficed.service)
	if [ "${pid:-0}" -gt 0 ]; then
		(cd / && timeout 60 nsenter --target "$pid" --mount -- runuser -u boxoffice -- boxofficed --check)
	else
		timeout 60 boxofficed --check
	fi
}
