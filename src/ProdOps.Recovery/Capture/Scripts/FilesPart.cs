namespace ProdOps.Recovery.Capture.Scripts;

/// <summary>What lies on local file systems and is no package's: told one by one where it is configuration, counted where it is data.</summary>
internal static class FilesPart
{
    public const string Text = """
        roots=/
        for root in $(awk '$2 != "/" && $3 ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs|vfat)$/ && $2 !~ /\\/ && !($1 in seen) { seen[$1] = 1; print $2 }' /proc/mounts); do
            case $root in /proc/*|/sys/*|/dev/*|/run/*|/tmp/*|/snap/*) ;; *) roots="$roots $root" ;; esac
        done
        skip='-path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /snap -o -path /var/lib/docker/overlay2 -o -path /var/lib/docker/image -o -path /var/lib/containerd -o -path /var/lib/containers/storage/overlay -o -path /var/lib/lxcfs'
        merged=0; if [ -h /bin ]; then merged=1; fi
        patient=; if has timeout; then patient='timeout -s KILL 120'; fi
        lf=$(printf '\nx'); lf=${lf%x}
        # Each item a line: what is a line feed in a name is \001 here.
        # shellcheck disable=SC2086
        list() {
            if find / -maxdepth 0 -printf '' >/dev/null 2>&1; then
                $patient find $roots -xdev \( $skip \) -prune -o -type l -printf 'l\t%s\t%T@\t%m\t%u\t%g\t%p\0\t%l\0' -o -printf '%y\t%s\t%T@\t%m\t%u\t%g\t%p\0' || echo "find: ended with $?" >&2
            else
                $patient find $roots -xdev \( $skip \) -prune -o ! -name "*$lf*" -exec stat -c 'S%f %s %Y %a %U %G %n' {} + || echo "find: ended with $?" >&2
            fi | tr '\n\0' "$feed"
        }
        feed='\001\n'; if ! find / -maxdepth 0 -printf '' >/dev/null 2>&1; then feed='\n\n'; fi
        walk=$({ { {
            case $owned in
                dpkg)
                    stat -c 'I%Y %n' /var/lib/dpkg/info/*.list
                    awk 'FNR == 1 { print "N" FILENAME } { print "O" $0 }' /var/lib/dpkg/info/*.list
                    if [ -s /var/lib/dpkg/diversions ]; then awk 'NR % 3 == 2 { print "O" $0 }' /var/lib/dpkg/diversions; fi ;;
                rpm) rpm -qa --qf '[N%{=NAME}\nI%{FILEMTIMES} \nO%{FILENAMES}\n]' ;;
            esac
            printf '%s\n' "$changed" | sed 's/^/C/'
            printf '%s\n' "$programs" | sed 's/^/X/'
            echo =
            list; } | awk -v merged="$merged" '
                function leave() { if (top != "" && files > 0) print "A\t" files "\t" bytes "\t" latest "\t" top; top = ""; files = bytes = latest = 0 }
                function real(path) { return merged && path ~ /^\/(s?bin|lib|lib32|lib64|libx32)\// ? "/usr" path : path }
                function show(flag) { print "F" flag "\t" secret "\t" type "\t" size "\t" time "\t" mode "\t" user "\t" group "\t" path; shown = type == "l" }
                function made(path) { return path ~ /^\/var\/(cache|lib\/(dpkg|apt|ucf|pam|systemd|misc|python|man-db|logrotate|dbus|private|initramfs-tools|dhcp|NetworkManager|rpm|dnf|alternatives|command-not-found|update-notifier|update-manager|ubuntu-advantage|unattended-upgrades))(\/|$)|^\/var\/lib\/shells\.state$|^\/var\/www\/html\/index\.nginx-debian\.html$|\/__pycache__(\/|$)|\.pyc$/ }
                BEGIN {
                    FS = "\t"; RS = "\n"; top = ""; package = "?"
                    n = split("/ /home /root /srv /opt /media /mnt /var/www /var/local /usr/local /usr/local/bin /usr/local/etc /usr/local/games /usr/local/include /usr/local/lib /usr/local/sbin /usr/local/share /usr/local/src /boot /lost+found", usual, " ")
                    for (i = 1; i <= n; i++) plain[usual[i]] = 1
                    names = "(\\.key|\\.p12|\\.pfx|\\.jks|\\.keystore|\\.kdbx|\\.keytab)$|^id_(rsa|dsa|ecdsa|ed25519)$|^\\.env(\\.|$)|^\\.?(pgpass|my\\.cnf|netrc|htpasswd|git-credentials|npmrc|pypirc|passwords?|secrets?|credentials?)(\\.|$)|^(g?shadow-?|ssh_host_[a-z0-9]*_key|auth\\.conf|debian\\.cnf|wp-config\\.php|privkey[0-9]*\\.pem|random_seed)$"
                }
                !begun {
                    c = substr($0, 1, 1); rest = substr($0, 2)
                    if (c == "O") { owner[real(rest)] = package; if (exact) stamp[real(rest)] = now }
                    else if (c == "N") { package = rest; if (rest in times) { now = times[rest]; sub(/.*\//, "", package); sub(/\.list$/, "", package); sub(/:.*/, "", package); stamps[package] = now } }
                    else if (c == "I") { i = index(rest, " "); if (i == length(rest)) { exact = 1; now = substr(rest, 1, i - 1) + 0 } else times[substr(rest, i + 1)] = substr(rest, 1, i - 1) + 0 }
                    else if (c == "C" && split(rest, w, " ") >= 4) { path = rest; sub(/^[^ ]* [^ ]* [^ ]* /, "", path); conf[path] = w[1]; kind[path] = w[2] }
                    else if (c == "X" && rest != "") asked[rest] = 1
                    else if (c == "=") { begun = 1; for (path in asked) if (real(path) in owner) print "P\t" owner[real(path)] "\t" path }
                    next
                }
                substr($0, 1, 1) == "\t" { if (shown) print "L" $0; next }
                {
                    shown = 0
                    if (substr($0, 1, 1) == "S") {
                        split(substr($0, 2), w, " "); path = substr($0, 2)
                        sub(/^[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* [^ ]* /, "", path)
                        type = substr(w[1], 1, length(w[1]) - 3); type = type == "8" ? "f" : type == "4" ? "d" : type == "a" ? "l" : "s"
                        size = w[2]; time = w[3]; mode = w[4]; user = w[5]; group = w[6]
                    } else {
                        type = $1; size = $2; time = $3; mode = $4; user = $5; group = $6
                        path = substr($0, length($1) + length($2) + length($3) + length($4) + length($5) + length($6) + 7)
                    }
                    sub(/\..*/, "", time)
                    if (top != "" && index(path, top "/") != 1) leave()
                    if (type == "d") {
                        if (top != "" || path in owner) next
                        if (path in plain || made(path) || path ~ /^\/var\/log\//) next
                        print "D\t" mode "\t" user "\t" group "\t" path
                        if (path !~ /^\/home\/[^\/]*$/) top = path
                        next
                    }
                    if (type != "f" && type != "l") next
                    name = path; sub(/.*\//, "", name)
                    secret = type == "f" && name ~ names ? 1 : 0
                    if (path in owner) {
                        if (type != "f") next
                        ownedFiles++; ownedBytes += size
                        if (conf[path] == "changed" || conf[path] == "unread") show("c")
                        else if (path !~ /^\/etc\// && (exact ? time != stamp[path] : time > stamps[owner[path]]) && marked++ < 1000) { show("m"); print "P\t" owner[path] "\t" path }
                        next
                    }
                    if (made(path)) { if (type == "f") { madeFiles++; madeBytes += size }; next }
                    if (path in conf) { if (conf[path] == "same") { ownedFiles++; ownedBytes += size } else show("u"); next }
                    if (path ~ /^\/var\/log\//) { if (type == "f") { logFiles++; logBytes += size }; next }
                    if (path ~ /^\/(etc|usr\/local\/(bin|sbin|etc)|var\/spool\/(cron|at)|root\/\.ssh|home\/[^\/]+\/\.ssh)\//) { if (detailed++ < 20000) { show("n"); next } }
                    if (top == "") {
                        folder = path; sub(/\/[^\/]*$/, "", folder)
                        if (direct[folder]++ < 100) { show("n"); next }
                        if (type == "f") { overFiles[folder]++; overBytes[folder] += size; if (time > overTime[folder]) overTime[folder] = time }
                        next
                    }
                    if (type != "f") next
                    files++; bytes += size; if (time + 0 > latest + 0) latest = time
                    if ((secret || name == "authorized_keys") && path !~ /\/(node_modules|site-packages|dist-packages)\// && hidden++ < 500) show("k")
                    else if (name ~ /\.(sqlite3?|db3?)$/ && listed++ < 200) print "Q\t" size "\t" path
                }
                END {
                    leave()
                    for (folder in overFiles) print "A\t" overFiles[folder] "\t" overBytes[folder] "\t" overTime[folder] "\t" folder "/*"
                    print "T\t" ownedFiles + 0 "\t" ownedBytes + 0 "\t" madeFiles + 0 "\t" madeBytes + 0 "\t" detailed + 0 "\t" marked + 0 "\t" hidden + 0 "\t" logFiles + 0 "\t" logBytes + 0
                }' >&3; } 2>&1 | { said=$(head -n 40); cat >/dev/null; printf '%s\n' "$said" | sed 's/^/E\t/'; }; } 3>&1)
        part walk; printf '%s\n' "$walk" | quote
        if [ "$feed" = '\n\n' ]; then
            part links; printf '%s\n' "$walk" | awk -F '\t' '$3 == "l" { print substr($0, length($1 $2 $3 $4 $5 $6 $7 $8) + 9) }' | tr '\n' '\0' |
                xargs -0 sh -c 'for f; do printf ":%s\t%s\n" "$f" "$(readlink "$f")"; done' sh
        fi

        # What may hold secrets: by its name, or by what stands in it. Its content is never told, and its sum only with a salt that is forgotten.
        feed=$(printf '\001')
        chosen=$(printf '%s\n' "$walk" | awk -F '\t' -v feed="$feed" '$1 ~ /^F[ncumk]$/ && $3 == "f" && !index($0, feed) { print $1 "\t" $2 "\t" $4 "\t" substr($0, length($1 $2 $3 $4 $5 $6 $7 $8) + 9) }')
        pattern='PRIVATE KEY|^[[:space:]]*([^#;[:space:]].*)?(pass(word|wd|phrase)?|secret|token|api_?key|credentials?)s?([_-]?(key|base|hash|value|string))*["'\'']?[[:space:]]*[:=]+>?[[:space:]]*["'\'']?[^[:space:]"'\''${<%#]|://[^/@:[:space:]]*:[^/@[:space:]]+@'
        found=$(printf '%s\n' "$chosen" | awk -F '\t' '$1 != "Fk" && $2 == 0 && $3 <= 262144 && $4 != "/etc/nsswitch.conf" { print substr($0, length($1 $2 $3) + 4) }' | tr '\n' '\0' | xargs -0 grep -lisE -e "$pattern" /dev/null 2>/dev/null)
        part secrets; printf '%s\n' "$found" | quote
        named=$(printf '%s\n' "$chosen" | awk -F '\t' '$2 == 1 && $3 <= 4194304 { print substr($0, length($1 $2 $3) + 4) }')
        part sums
        { printf '%s\n=\n' "$found"; printf '%s\n' "$chosen"; } | awk -F '\t' '!second { if ($0 == "=") second = 1; else no[$0] = 1; next } $2 == 0 && $3 <= 4194304 { path = substr($0, length($1 $2 $3) + 4); if (!(path in no)) print path }' |
            tr '\n' '\0' | xargs -0 sha256sum 2>/dev/null | quote
        part proofs
        printf '%s\n%s\n' "$found" "$named" | head -n 300 | while IFS= read -r path; do
            if [ -n "$path" ] && [ -r "$path" ]; then printf '%s  %s\n' "$({ printf '%s' "$salt"; cat "$path"; } | sha256sum | cut -c 1-64)" "$path"; fi
        done | quote
        # Files of packages that are younger than their package was installed: those whose sum is not the package's any more.
        part modified
        marked=$(printf '%s\n' "$walk" | awk -F '\t' '$1 == "Fm" { print substr($0, length($1 $2 $3 $4 $5 $6 $7 $8) + 9) }')
        if [ -n "$marked" ]; then
            {
                printf '%s\n=\n' "$(printf '%s\n' "$marked" | tr '\n' '\0' | xargs -0 $tool 2>/dev/null)"
                if [ $owned = dpkg ]; then cat /var/lib/dpkg/info/*.md5sums; else rpm -qa --qf '[%{FILEDIGESTS}  %{FILENAMES}\n]'; fi
            } | awk -v merged="$merged" -v length_="$length" '
                !second { if ($0 == "=") second = 1; else have[substr($0, length_ + 3)] = substr($0, 1, length_); next }
                { path = substr($0, length_ + 3); if (path !~ /^\//) path = "/" path; if (merged && path ~ /^\/(s?bin|lib|lib32|lib64|libx32)\//) path = "/usr" path; if (path in have && have[path] != substr($0, 1, length_)) print path }' | quote
        fi
        part keys
        printf '%s\n' "$chosen" | sed -n 's#^.*\t\(/.*/authorized_keys2\{0,1\}\)$#\1#p' | while IFS= read -r path; do
            printf '>%s\n' "$path"; awk '{ for (i = 1; i < NF; i++) if ($i ~ /^(ssh-|ecdsa-|sk-)/) { print ":" $i " " $(i + 1) " " $(i + 2); break } }' "$path" 2>/dev/null
        done
        for path in /etc/ssh/ssh_host_*_key.pub; do if [ -r "$path" ]; then printf '>%s\n' "$path"; quote <"$path"; fi; done
        part certificates
        { grep -rhsoE '/[^[:space:];"'\'']+\.(crt|pem|cer)' /etc/nginx /etc/apache2 /etc/httpd /etc/haproxy /etc/postfix /etc/dovecot /etc/mysql /etc/postgresql 2>/dev/null
          printf '%s\n' "$walk" | awk -F '\t' '$1 ~ /^F[nck]$/ && $9 ~ /\.(crt|pem|cer)$/ && $9 !~ /^\/etc\/(ssl\/certs|ca-certificates|pki)\// { print $9 }'
          for path in /etc/letsencrypt/live/*/fullchain.pem; do if [ -e "$path" ]; then printf '%s\n' "$path"; fi; done; } | sort -u | head -n 200 | while IFS= read -r path; do
            if [ -f "$path" ] && [ -r "$path" ] && grep -qs 'BEGIN CERTIFICATE' "$path"; then printf '>%s\n' "$path"; sed -n '/-BEGIN CERTIFICATE-/,/-END CERTIFICATE-/p; /-END CERTIFICATE-/q' "$path" | head -n 200 | quote; fi
        done
        for path in /etc/letsencrypt/renewal/*.conf; do if [ -e "$path" ]; then printf '!%s\n' "$path"; fi; done

        """;
}
