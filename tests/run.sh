#!/usr/bin/env bash
# Installs what the tests use, builds, runs every test and closes with "N passed, N failed".
# Environment: CONFIGURATION (Release), PRODOPS_PWSH (a pwsh with Pester), PRODOPS_SKIP_INSTALL=1, PRODOPS_FULL_TESTS=1 (more moments for what is killed).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

configuration=${CONFIGURATION:-Release}
results=$PWD/artifacts/test-results
passed=0 failed=0

# A command the tests call, or a file as a pattern with slashes, and the Debian package it is in. The second line is what tests/Lab makes its hosts with.
needed=(restic:restic rclone:rclone setfacl:acl setfattr:attr sshd:openssh-server sftp:openssh-client rsync:rsync mkfs.ext4:e2fsprogs
    systemd-nspawn:systemd-container mmdebstrap:mmdebstrap iptables:iptables ip:iproute2 systemd-analyze:systemd
    dnsmasq:dnsmasq-base
    psql:postgresql mariadbd:mariadb-server sqlite3:sqlite3 redis-server:redis-server redis-cli:redis-tools
    rg:ripgrep zstd:zstd xz:xz-utils
    sudo:sudo busybox:busybox csh:csh fish:fish logrotate:logrotate
    rsyslogd:rsyslog '/usr/lib/*/rsyslog/omrelp.so:rsyslog-relp' '/usr/lib/*/rsyslog/lmnsd_gtls.so:rsyslog-gnutls'
    /usr/lib/python3/dist-packages/aiosmtpd/smtp.py:python3-aiosmtpd)

# Unpacked and run from there: Debian does not let two syslog daemons be installed, and the other packages start services.
tools=$PWD/artifacts/tools
syslog_ng_packages=(syslog-ng-core libivykis0 libnet1 libwrap0 libjson-c5)

is_there() {
    case $1 in
        */*) compgen -G "$1" > /dev/null ;;
        *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" > /dev/null ;;
    esac
}

install_needed() {
    local missing=() entry sudo=()
    for entry in "${needed[@]}"; do
        is_there "${entry%%:*}" || missing+=("${entry##*:}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "${PRODOPS_SKIP_INSTALL:-}" = 1 ] || ! command -v apt-get > /dev/null; then
        echo "Not installed: ${missing[*]}. Tests that need them will fail or be skipped; install them with the system's package manager." >&2
        return
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2> /dev/null; then
            echo "Not installed, and there is no leave to install: ${missing[*]}. Run: sudo apt-get install ${missing[*]}" >&2
            return
        fi
        sudo=(sudo -n)
    fi
    echo "Installing ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null \
        || echo "apt-get could not install all of: ${missing[*]}" >&2
}

# unpack FOLDER PROGRAM PACKAGE...: needs no leave of root. Without it the tests that use the program are skipped.
unpack() {
    local target=$tools/$1 program=$2 folder package
    shift 2
    [ -x "$target/$program" ] && return
    if [ "${PRODOPS_SKIP_INSTALL:-}" = 1 ] || ! command -v apt-get > /dev/null || ! command -v dpkg > /dev/null; then return; fi
    folder=$(mktemp -d)
    if (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root "$@" > /dev/null 2>&1); then
        rm -rf "$target"
        mkdir -p "$target"
        for package in "$folder"/*.deb; do dpkg -x "$package" "$target"; done
    else
        echo "apt-get could not download: $*" >&2
    fi
    rm -rf "$folder"
}

# Adds up one attribute of the counters in every result file: a test host that crashes leaves what it had.
count() {
    cat "$results"/*/*.trx 2> /dev/null | grep -o '<Counters [^>]*>' | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# One compiler that stays for all projects takes a third of the time. It has a name of its own, so that nobody else's is ended with it.
build() {
    local name=prodops-tests-$$ compiler code
    dotnet build ProdOps.sln -c "$configuration" --nologo -v quiet -p:UseSharedCompilation=true -p:SharedCompilationId=$name
    code=$?
    compiler=$(dotnet msbuild src/ProdOps.Model -getProperty:RoslynTargetsPath)/bincore/VBCSCompiler.dll
    [ -f "$compiler" ] && dotnet "$compiler" "-pipename:$name" -shutdown > /dev/null
    return $code
}

# run_part PROJECT [FILTER]: a test that neither ends nor fails is ended, and named, before the whole run is.
run_part() {
    local project=${1%/} filter=()
    [ $# -lt 2 ] || filter=(--filter "$2")
    dotnet test "$project" -c "$configuration" --no-build --nologo --logger trx --results-directory "$results/$(basename "$project")" \
        --blame-hang-timeout 6m --blame-hang-dump-type none "${filter[@]}"
}

# What is run three at a time, whatever is next in this order: a project, and a filter where it is a part of one. Whole hosts wait more than they compute; each part of tests/Lab has a
# fleet of its own.
of=FullyQualifiedName~Lab.Tests but=FullyQualifiedName!~Lab.Tests
parts=("tests/Lab $of.Recovery|$of.Monitoring" tests/Unit/Backup "tests/Lab $of.LoadBalancing|$of.Shop"
    "tests/Lab $but.Recovery&$but.Monitoring&$but.LoadBalancing&$but.Shop" tests/Unit/Shell)

all_parts() {
    local project
    printf '%s\n' "${parts[@]}"
    for project in tests/Unit/*/; do
        [[ " ${parts[*]} " == *" ${project%/} "* ]] || echo "${project%/}"
    done
}

run_dotnet() {
    rm -rf "$results"
    build || { echo "The build failed." >&2; failed=1; return; }
    local code=0
    export -f run_part
    # A test host lives for minutes: to count which code it runs most takes more than it gives.
    export configuration results DOTNET_TieredPGO=0
    all_parts | xargs -d '\n' -n 1 -P 3 bash -c 'read -r project filter <<< "$0"; run_part "$project" ${filter:+"$filter"}' || code=$?
    passed=$(count passed) failed=$(count failed)
    if [ $code -ne 0 ] && [ "$failed" -eq 0 ]; then
        echo "dotnet test ended with $code though no test failed: a test host has crashed or a project has not built." >&2
        failed=1
    fi
}

# Which tests failed, and what the first lines of each say: they stood far above.
tell_failures() {
    cat "$results"/*/*.trx 2> /dev/null | awk '
        /<UnitTestResult / { name = ""; if (/ outcome="Failed"/ && match($0, / testName="[^"]*"/)) { name = substr($0, RSTART + 11, RLENGTH - 12); print "FAILED " name } }
        name != "" && /<Message>/ { lines = 12 }
        lines > 0 { line = $0; sub(/^ *<Message>/, "  ", line); sub(/<\/Message>.*/, "", line); print line; lines = /<\/Message>/ ? 0 : lines - 1 }' \
        | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#x[DA];//g; s/&amp;/\&/g' | cut -c1-400
}

run_pester() {
    local pwsh=${PRODOPS_PWSH:-pwsh} counts
    if ! command -v "$pwsh" > /dev/null; then
        echo "Pester: not run, there is no PowerShell here (tests/Pester needs PowerShell 7.6 with Pester 5; name it in PRODOPS_PWSH)."
        return
    fi
    if ! "$pwsh" -NoProfile -NonInteractive -Command 'if (-not (Get-Module Pester -ListAvailable | Where-Object Version -ge ([version]"5.0"))) { exit 1 }'; then
        echo "Pester: not run, $pwsh has no Pester 5 (Install-PSResource Pester)."
        return
    fi
    counts=$(mktemp)
    PRODOPS_HOST="$PWD/src/ProdOps.Host/bin/$configuration/net10.0/prodops" PESTER_COUNTS=$counts "$pwsh" -NoProfile -NonInteractive -Command '
        $result = Invoke-Pester -Path tests/Pester -PassThru -Output Detailed
        [IO.File]::WriteAllText($env:PESTER_COUNTS, "$($result.PassedCount) $($result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount)")'
    local pester_passed=0 pester_failed=1
    read -r pester_passed pester_failed < <(cat "$counts"; echo) || true
    rm -f "$counts"
    passed=$((passed + ${pester_passed:-0})) failed=$((failed + ${pester_failed:-1}))
}

install_needed
unpack syslog-ng usr/sbin/syslog-ng "${syslog_ng_packages[@]}"
unpack haproxy usr/sbin/haproxy haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1
unpack nginx usr/sbin/nginx nginx nginx-common libpcre2-8-0 libcrypt1
unpack keepalived usr/sbin/keepalived keepalived libnl-3-200 libnl-genl-3-200 libnftnl11 libmnl0 libglib2.0-0 libpcre2-8-0 libsnmp40 libpci3 libsensors5 libwrap0
unpack snmpd usr/sbin/snmpd snmpd libsnmp40 libsnmp-base libpci3 libsensors5 libwrap0
unpack node-exporter usr/bin/prometheus-node-exporter prometheus-node-exporter
# With promtool, which checks what is exported.
unpack prometheus usr/bin/prometheus prometheus
unpack victoria-metrics usr/bin/victoria-metrics victoria-metrics
# It looks for its templates under the root, which is this folder for it.
unpack alertmanager usr/bin/prometheus-alertmanager prometheus-alertmanager libc6
# Shells that some systems have as sh, and languages that write numbers in their own way: what servers are read by is tried with them.
unpack shells usr/bin/yash yash posh mksh ksh93u+m zsh zsh-common
unpack locales usr/share/i18n locales
[ -n "${PRODOPS_CHROMIUM:-}" ] || is_there chromium || is_there chromium-browser || is_there google-chrome \
    || echo "Browser tests: not run, there is no Chromium here (in the PATH, or named in PRODOPS_CHROMIUM)."
run_dotnet
run_pester

code=0
[ "$failed" -eq 0 ] || { code=1; tell_failures; }
[ "$passed" -gt 0 ] || { echo "No test was run." >&2; code=1; }
echo "$passed passed, $failed failed"
exit $code
