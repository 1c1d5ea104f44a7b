#!/usr/bin/env bash
# Every Get- command that reads what is kept, over an environment of many servers, each in a process of its own.
# Usage: bench/fleet/run.sh [servers] [rounds] [folder]    (Release builds of src/ProdOps.Host and bench/ProdOps.Benchmarks)
# With a folder, what is asked for stays there and is not made again the next time.
# What is kept was made by the product itself: an hour of monitoring, a repository with a backup of each server, a log of each server, a recovery plan for each.
# A line a command: seconds from the start of the process to its end (the median) and of processors, objects, and the most memory it had. What asks servers is not here: see bench/servers and bench/monitoring.
set -euo pipefail
servers=${1:-1000} rounds=${2:-3} kept=${3:-}
root=$(cd "$(dirname "$0")/../.." && pwd)
host="$root/src/ProdOps.Host/bin/Release/net10.0/prodops"
bench="$root/bench/ProdOps.Benchmarks/bin/Release/net10.0/ProdOps.Benchmarks"
for program in "$host" "$bench"; do [ -x "$program" ] || { echo "Not built: $program" >&2; exit 1; }; done
if [ -n "$kept" ]; then mkdir -p "$kept"; work=$(cd "$kept" && pwd); else work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; fi
[ ! -e "$work/servers" ] || [ "$(cat "$work/servers")" = "$servers" ] || { echo "In $work there are $(cat "$work/servers") servers." >&2; exit 1; }
export PRODOPS_MODULE="$root/artifacts/ProdOps" HOME="$work/home" PRODOPS_ENVIRONMENT="$work/environment.psd1" RESTIC_PASSWORD_FILE="$work/key" RESTIC_REPOSITORY="$work/repository"
if [ ! -e "$work/servers" ]; then
mkdir -p "$HOME" "$work/plans" "$work/data" "$work/logs"
(umask 077; echo secret > "$work/key")

# A third of the servers each: balancers in pairs, applications, databases.
{
    echo "@{"
    echo "    Name = 'fleet'; Objectives = @{ Availability = '99.9%'; RecoveryPoint = '1h'; RecoveryTime = '15m' }"
    echo "    Ssh = @{ ConfigFile = 'none' }"
    echo "    Servers = @("
    for i in $(seq "$servers"); do
        case $((i % 3)) in 0) role=LoadBalancer needs= ;; 1) role=App needs=$(printf "; DependsOn = 'server%04d'" $((i + 1 <= servers ? i + 1 : 2))) ;; *) role=Database needs= ;; esac
        printf "        @{ Name = 'server%04d'; Address = '10.9.%d.%d'; Role = '%s'; Rack = 'r%d'%s }\n" "$i" $((i / 250)) $((i % 250 + 1)) "$role" $((i % 40)) "$needs"
    done
    echo "    )"
    echo "    LoadBalancers = @{ web = @{ Servers = 'server0003', 'server0006'; VirtualAddress = '10.9.9.9'; Port = 80; Pool = 'role:App'; PoolPort = 8080; Check = '/health' } }"
    echo "    Services = @{ shop = @{ DependsOn = 'web' } }"
    echo "    Repositories = @{ local = @{ Path = '$work/repository'; Password = @{ File = '$work/key' } } }"
    echo "    Backups = @{ db = @{ Server = 'role:Database'; PostgreSql = '*'; Repository = 'local'; Schedule = '15 * * * *' }; etc = @{ Server = '*'; Path = '/etc'; Repository = 'local'; Schedule = '45 2 * * *' } }"
    echo "    Monitoring = @{ Store = '$work/monitoring'; Interval = '10s' }"
    echo "    Logging = @{ Store = '$work/store'; Sources = @( @{ Name = 'syslog'; Server = '*'; Path = '/var/log/syslog' } ) }"
    echo "}"
} > "$PRODOPS_ENVIRONMENT"
for i in $(seq "$servers"); do
    printf "@{ Server = 'server%04d'; Steps = @( @{ Name = 'packages'; Purpose = 'What the server runs.'; Package = 'nginx', 'rsync' }, @{ Name = 'web'; Purpose = 'It serves.'; Service = 'nginx'; DependsOn = 'packages' } ) }\n" "$i" > "$work/plans/server$(printf %04d "$i").recovery.psd1"
done
cat > "$work/make.ps1" <<'P'
param($Work, [int] $Servers)
$ErrorActionPreference = 'Stop'
$null = Initialize-BackupRepository
foreach ($number in 1..$Servers) {
    $name = 'server{0:0000}' -f $number
    [IO.File]::WriteAllText("$Work/data/file", "$name`n" * 100)
    $null = Invoke-Backup "$Work/data" -HostName $name -WarningAction Ignore
    [IO.File]::WriteAllLines("$Work/logs/syslog", [string[]]@(0..19 | ForEach-Object { '2026-11-24T03:{0:00}:{1:00}.000Z {2} sshd[{3}]: Accepted publickey for deploy from 10.9.9.{4} port 5{3} ssh2' -f ($number % 60), ($_ * 3), $name, (100 + $_), ($_ + 1) }))
    $null = Import-Log "$Work/logs/syslog" -Server $name -Source syslog
}
P
"$host" -File "$work/make.ps1" "$work" "$servers"
# Five minutes for the hour: rounds that a busy machine misses are events, and no hour as it is.
"$bench" monitor simulate "$work/monitoring" --servers "$servers" --interval 60 --hours 1 --speed 12 --ill 5 > "$work/simulate.log"
awk -F'|' '/ %/ && $3 + 0 > 1 { print "Rounds were missed, which makes events that a fleet does not have: the machine is too slow or too busy." > "/dev/stderr"; exit 1 }' "$work/simulate.log"
echo "$servers" > "$work/servers"
fi

printf '| command | seconds | processor | objects | MB at most |\n| --- | ---: | ---: | ---: | ---: |\n'
TIMEFORMAT='%R %U %S'
while IFS= read -r command; do
    for _ in $(seq "$rounds"); do
        { time "$host" -Command "\$n = 0; $command -ErrorAction Stop | ForEach-Object { \$n++ }; \"\$n \" + (([IO.File]::ReadAllLines('/proc/self/status') -match 'VmHWM') -replace '\D')" > "$work/answer" 2> "$work/errors"; } 2> "$work/time" \
            || { echo "$command failed: $(cat "$work/errors")" >&2; exit 1; }
        echo "$(cat "$work/time") $(cat "$work/answer")"
    done | sort -n > "$work/times"
    awk -v command="$command" '{ time[NR] = $1; cpu[NR] = $2 + $3; objects = $4; if ($5 > most) most = $5 } END { m = int((NR + 1) / 2); printf "| `%s` | %.2f | %.2f | %d | %d |\n", command, time[m], cpu[m], objects, most / 1000 }' "$work/times"
done <<C
Get-ProdOpsEnvironment
Get-Server
Get-Server role:App
Get-HealthRule
Get-HealthCheck
Get-HealthEvent
Get-HealthEvent -Open
Get-HealthDowntime
Get-Metric -Latest
Get-Metric cpu.busy -Last 30m
Get-MetricForecast disk.used
Get-Notification
Get-Backup
Get-Backup -Latest
Get-BackupRepository
Get-BackupRepository -Detailed
Get-BackupKey
Get-BackupItem latest -Recurse
Get-LogStore
Get-LogPattern
Get-RecoveryPlan
Get-RecoveryRun
Get-SinglePointOfFailure
Get-ProductionReadiness
Get-Timeline -Offline
C
