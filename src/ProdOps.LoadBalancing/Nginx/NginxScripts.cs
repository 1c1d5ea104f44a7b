namespace ProdOps.LoadBalancing.Nginx;

/// <summary>What several scripts ask about an nginx that runs.</summary>
internal static class NginxScripts
{
    /// <summary>
    /// Shell functions: <c>master</c> prints the first process of the nginx that <c>nginx -s</c> signals, <c>workers MASTER</c> those of its processes that take requests. A server may run others beside it, those of containers for one.
    /// </summary>
    public const string Functions = """
        PATH=$PATH:/usr/sbin:/sbin
        built() { nginx -V 2>&1 | sed -n "s/.*--$1=\([^[:space:]]*\).*/\1/p"; }
        master() {
            named=$(nginx -T 2>/dev/null | sed -n 's/^[[:space:]]*pid[[:space:]]\{1,\}["'\'']\{0,1\}\([^;[:space:]"'\'']*\).*/\1/p' | head -n 1)
            [ -n "$named" ] || named=$(built pid-path)
            case $named in /*) ;; *) named=$(built prefix)/$named ;; esac
            { read -r told <"$named"; } 2>/dev/null && ps -p "$told" -o args= 2>/dev/null | grep -q '^nginx: master' || told=$(ps -C nginx -o pid=,args= | awk '/nginx: master/ { print $1; exit }')
            printf '%s\n' "$told"
        }
        workers() { [ -z "$1" ] || ps --ppid "$1" -o pid=,args= | awk '/nginx: worker/ && !/shutting down/ { print $1 }' | sort; }

        """;
}
