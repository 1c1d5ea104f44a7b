namespace ProdOps.Recovery.Capture.Scripts;

/// <summary>Packages, where they come from, and which of their configuration files are not theirs any more.</summary>
internal static class PackagesPart
{
    public const string Text = """
        known= owned=none
        if has dpkg-query; then
            owned=dpkg
            ask packages dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Architecture}\t${Version}\t${Essential}\t${Priority}\n'
            part automatic; awk '$1 == "Package:" { p = $2 } $1 == "Auto-Installed:" && $2 == 1 { print p }' /var/lib/apt/extended_states 2>/dev/null | quote
            part sources; texts /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources /etc/apt/preferences /etc/apt/preferences.d/*
            part overrides; cat /var/lib/dpkg/statoverride 2>/dev/null | quote
            part diversions; cat /var/lib/dpkg/diversions 2>/dev/null | quote
            part alternatives
            for file in /var/lib/dpkg/alternatives/*; do
                if read -r mode <"$file" && [ "$mode" = manual ]; then printf '%s\t%s\n' "${file##*/}" "$(readlink "/etc/alternatives/${file##*/}")"; fi
            done 2>/dev/null | quote
            for lists in /var/lib/apt/lists/*_Packages*; do
                if [ -e "$lists" ] && has apt-cache; then
                    # shellcheck disable=SC2016,SC2046
                    ask origins sh -c 'apt-cache policy $(dpkg-query -W -f "\${Package} ") | awk '\''
                        function out() { if (p != "") print p "\t" (here != "" ? here : any != "" ? "newer " any : "") }
                        /^[^ ]/ { out(); p = $1; sub(/:$/, "", p); here = any = ""; mine = 0; next }
                        /^ \*\*\* / { mine = 1; next }
                        /^     [^ ]/ { mine = 0; next }
                        /^ +-?[0-9]+ [a-z0-9+-]+:\// { o = $2 " " $3; if (mine) { if (here == "") here = o } else if (any == "") any = o }
                        END { out() }'\'' | sed '"'$hide'"
                fi
                break
            done
            # A configuration file's sum as it was installed, which dpkg and ucf know, against what is there now.
            # shellcheck disable=SC2016
            known=$(dpkg-query -W -f '${Package}\n${Conffiles}\n' 2>/dev/null | awk '/^[^ ]/ { p = $1; next } length($2) == 32 { print ($3 == "obsolete" ? "o" : "c"), $2, p, $1 }'
                if [ -r /var/lib/ucf/hashfile ]; then
                    { if [ -r /var/lib/ucf/registry ]; then sed 's/^/R /' /var/lib/ucf/registry; fi; cat /var/lib/ucf/hashfile; } | awk '$1 == "R" { o[$3] = $2; next } length($1) == 32 { print "u", $1, ($2 in o ? o[$2] : "?"), $2 }'
                fi)
            tool=md5sum length=32
        elif has rpm; then
            owned=rpm
            ask packages rpm -qa --qf 'ii \t%{NAME}\t%{ARCH}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\tno\t%{VENDOR}\n'
            if has dnf; then ask manual dnf -q -C repoquery --userinstalled --qf '%{name}\n'; fi
            part sources; texts /etc/yum.repos.d/*.repo
            known=$(rpm -qa --qf '[%{=NAME}\t%{FILEFLAGS:fflags}\t%{FILEDIGESTS}\t%{FILENAMES}\n]' 2>/dev/null | awk -F '\t' '$2 ~ /c/ && length($3) == 64 { print "c", $3, $1, $4 }')
            tool=sha256sum length=64
        fi
        part conffiles
        changed=
        if [ -n "$known" ]; then
            sums=$(printf '%s\n' "$known" | cut -d ' ' -f 4- | tr '\n' '\0' | xargs -0 $tool 2>/dev/null)
            changed=$(printf '%s\n=\n%s\n' "$sums" "$known" | awk -v length_="$length" '
                !second { if ($0 == "=") second = 1; else have[substr($0, length_ + 3)] = substr($0, 1, length_); next }
                { path = $0; sub(/^[^ ]* [^ ]* [^ ]* /, "", path); state = !(path in have) ? "missing" : have[path] == $2 ? "same" : "changed" }
                state != "same" || $1 == "u" { print state, $1, $3, path }')
            changed=$(printf '%s\n' "$changed" | while read -r state kind package path; do
                if [ "$state" = missing ] && { [ -e "$path" ] || ! [ -x "${path%/*}" ]; }; then if [ -r "$path" ]; then continue; fi; if [ -d "${path%/*}" ]; then state=unread; fi; fi
                if [ -n "$path" ]; then printf '%s %s %s %s\n' "$state" "$kind" "$package" "$path"; fi
            done)
            printf '%s\n' "$changed" | quote
        fi
        # Links that the scripts of packages make once, and admins remove: a package that is installed anew makes them again.
        for made in nginx-common:/etc/nginx/sites-enabled/default apache2:/etc/apache2/sites-enabled/000-default.conf; do
            path=${made#*:}
            if [ -d "${path%/*}" ] && ! [ -e "$path" ] && ! [ -h "$path" ]; then printf 'missing c %s %s\n' "${made%%:*}" "$path"; fi
        done | quote
        if has snap; then ask snaps snap list; fi
        if has flatpak; then ask flatpaks flatpak list --system --columns=application,version,origin; fi
        part python; for file in /usr/local/lib/python3*/dist-packages/*.dist-info /usr/local/lib/python3*/site-packages/*.dist-info; do if [ -d "$file" ]; then printf '%s\n' "$file"; fi; done | quote
        part node; for file in /usr/local/lib/node_modules/* /usr/local/lib/node_modules/@*/*; do if [ -f "$file/package.json" ]; then printf '%s\t%s\n' "$file" "$(sed -n 's/^[[:space:]]*"version":[[:space:]]*"\([^"]*\)".*/\1/p' "$file/package.json" | head -n 1)"; fi; done | quote
        part gems; for file in /var/lib/gems/*/specifications/*.gemspec; do if [ -f "$file" ]; then printf '%s\n' "$file"; fi; done | quote
        for engine in docker podman; do
            if has $engine; then ask $engine $engine ps -a --no-trunc --format '{{.Names}}\t{{.Image}}\t{{.State}}\t{{.Label "com.docker.compose.project.config_files"}}'; fi
        done

        """;
}
