namespace ProdOps.LoadBalancing.Nginx;

/// <summary>What several scripts ask about an nginx that runs.</summary>
internal static class NginxScripts
{
    /// <summary>
    /// Shell functions: <c>master</c> prints the first process of the nginx that <c>nginx -s</c> signals, <c>workers MASTER</c> those of its processes that take requests. A server may run others beside it, those of containers for one.
    /// They look into /proc: small servers have no <c>ps</c>, or one that knows neither names nor parents.
    /// </summary>
    public const string Functions = """
        PATH=$PATH:/usr/sbin:/sbin
        built() { nginx -V 2>&1 | sed -n "s/.*--$1=\([^[:space:]]*\).*/\1/p"; }
        titled() { grep -ls "^nginx: $1 process" /proc/[0-9]*/cmdline | sed 's#/proc/\([0-9]*\)/.*#\1#'; }
        master() {
            named=$(nginx -T 2>/dev/null | sed -n 's/^[[:space:]]*pid[[:space:]]\{1,\}["'\'']\{0,1\}\([^;[:space:]"'\'']*\).*/\1/p' | head -n 1)
            [ -n "$named" ] || named=$(built pid-path)
            case $named in /*) ;; *) named=$(built prefix)/$named ;; esac
            { read -r told <"$named"; } 2>/dev/null && grep -qs '^nginx: master process' "/proc/$told/cmdline" || told=$(titled master | head -n 1)
            printf '%s\n' "$told"
        }
        workers() {
            [ -n "$1" ] || return 0
            for one in $(titled worker); do
                # The parent is the second word behind the name, which may hold anything (proc_pid_stat(5)).
                { read -r stat <"/proc/$one/stat"; } 2>/dev/null || continue
                stat=${stat##*) }
                stat=${stat#* }
                [ "${stat%% *}" = "$1" ] && ! grep -qs '^nginx: worker process is shutting down' "/proc/$one/cmdline" && echo "$one"
            done | sort
        }

        """;
}
