# A Nagios 4 of the benchmark's own. Sourced, with $nagios naming its daemon, $work a folder, $work/addresses the servers and $hz the ticks of a second.
# shellcheck shell=bash

# How many services each server has, how often each is checked, and for how long that is measured, in seconds. Nagios counts what it did in the last minute.
nagios_services=10 nagios_interval=10 nagios_minute=60

# nagios_spends NAME COMMAND: has all services checked by a command, and prints two lines for $work/lines: milliseconds of processor time a check of the daemon and its workers by
# themselves (NAME-itself), and with the plugins that they run and ssh's masters (NAME). What the masters take is told by the caller's function of that name.
nagios_spends() {
    local before after masters checks folder=$work/nagios
    rm -rf "$folder"
    mkdir -p "$folder/spool" "$folder/rw" "$folder/archives"
    nagios_configure "$folder" "$2"
    "$nagios" "$folder/nagios.cfg" > "$folder/said" 2>&1 &
    nagios_pid=$!
    # Once everything has been checked.
    nagios_wait $((nagios_interval + 5))
    masters=$(masters)
    before=$(nagios_ticks)
    nagios_wait "$nagios_minute"
    after=$(nagios_ticks)
    masters=$(($(masters) - masters))
    # It writes its status every few seconds.
    nagios_wait 3
    checks=$(sed -n 's/.*active_scheduled_service_check_stats=\([0-9]*\),.*/\1/p' "$folder/status.dat")
    stop_nagios
    [ "${checks:-0}" -gt 0 ] || { cat "$folder/said" >&2; return 1; }
    awk -v name="$1" -v masters="$masters" -v before="$before" -v after="$after" -v n="$checks" -v hz="$hz" 'BEGIN {
        split(before, b, " "); split(after, a, " ")
        printf "%s-itself %.3f\n%s %.3f\n", name, 1000 * (a[1] - b[1]) / hz / n, name, (1000 * (a[1] + a[2] - b[1] - b[2]) / hz + masters) / n
    }'
}

stop_nagios() {
    [ -n "${nagios_pid:-}" ] || return 0
    kill "$nagios_pid" 2> /dev/null || true
    wait "$nagios_pid" 2> /dev/null || true
    nagios_pid=
}

nagios_wait() { read -rt "$1" <> <(:) || true; }

# Ticks of the daemon and its workers, and of the plugins that they have waited for.
nagios_ticks() {
    local pid files=("/proc/$nagios_pid/stat")
    for pid in $(cat "/proc/$nagios_pid/task/$nagios_pid/children"); do files+=("/proc/$pid/stat"); done
    awk '{ own += $14 + $15; others += $16 + $17 } END { print own, others }' "${files[@]}"
}

# Nothing but active checks of services: nobody is told, hosts are not checked, nothing listens.
nagios_configure() {
    local folder=$1 address service
    cat > "$folder/nagios.cfg" << C
log_file=$folder/nagios.log
cfg_file=$folder/objects.cfg
object_cache_file=$folder/objects.cache
precached_object_file=$folder/objects.precache
status_file=$folder/status.dat
status_update_interval=2
nagios_user=$(id -un)
nagios_group=$(id -gn)
check_external_commands=0
command_file=$folder/rw/nagios.cmd
query_socket=$folder/rw/nagios.qh
lock_file=$folder/nagios.pid
temp_file=$folder/nagios.tmp
temp_path=$folder/spool
check_result_path=$folder/spool
log_archive_path=$folder/archives
state_retention_file=$folder/retention.dat
retain_state_information=0
use_syslog=0
interval_length=1
execute_host_checks=0
enable_notifications=0
check_for_updates=0
illegal_macro_output_chars=~&
C
    {
        printf 'define command {\n command_name check\n command_line %s\n}\n' "$2"
        printf 'define timeperiod {\n timeperiod_name always\n alias always\n'
        for service in sunday monday tuesday wednesday thursday friday saturday; do printf ' %s 00:00-24:00\n' "$service"; done
        printf '}\ndefine contact {\n contact_name nobody\n host_notifications_enabled 0\n service_notifications_enabled 0\n'
        printf ' host_notification_period always\n service_notification_period always\n host_notification_commands check\n service_notification_commands check\n}\n'
        while read -r address; do
            printf 'define host {\n host_name %s\n address %s\n max_check_attempts 1\n active_checks_enabled 0\n contacts nobody\n}\n' "$address" "$address"
            for service in $(seq "$nagios_services"); do
                printf 'define service {\n host_name %s\n service_description %s\n check_command check\n max_check_attempts 1\n' "$address" "$service"
                printf ' check_interval %s\n retry_interval %s\n check_period always\n contacts nobody\n}\n' "$nagios_interval" "$nagios_interval"
            done
        done < "$work/addresses"
    } > "$folder/objects.cfg"
}
