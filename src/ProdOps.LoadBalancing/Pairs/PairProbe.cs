using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Pairs;

/// <summary>Asks a balancer for the addresses that it has and for the state of its keepalived, in one command.</summary>
internal static class PairProbe
{
    /// <summary>
    /// keepalived writes its state to <c>/tmp/keepalived.json</c> when it gets a signal whose number it tells itself. Its <c>/tmp</c> may be its own, so it is reached through the process. What lies
    /// there before is removed, so that what is read is new, and a link that somebody else put there is not followed.
    /// </summary>
    private const string Script = """
        PATH=$PATH:/usr/sbin:/sbin
        echo @addresses
        ip -o addr show || exit
        pid=
        for candidate in $(cat /run/keepalived.pid 2>/dev/null) $(systemctl show -p MainPID --value keepalived 2>/dev/null); do
            [ "$(cat "/proc/$candidate/comm" 2>/dev/null)" = keepalived ] && pid=$candidate && break
        done
        echo "@keepalived ${pid:-none}"
        signal=$([ -z "$pid" ] || keepalived --signum=JSON 2>/dev/null)
        case $signal in
            '' | *[!0-9]*) ;;
            *)
                file=/proc/$pid/root/tmp/keepalived.json
                rm -f "$file"
                kill "-$signal" "$pid"
                for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                    if [ -f "$file" ] && [ ! -L "$file" ]; then
                        case $(tail -c 2 "$file") in *']') echo @routers; cat "$file"; echo; rm -f "$file"; break ;; esac
                    fi
                    sleep 0.05
                done
                ;;
        esac
        echo @end
        """;

    /// <summary>The command. It needs root: only root may signal keepalived.</summary>
    public static ServerCommand Command { get; } = new(Script) { AsRoot = true, Idempotent = true, PosixLocale = true };

    /// <summary>Asks a balancer.</summary>
    /// <exception cref="ProdOpsException">It cannot be reached, or says something else.</exception>
    public static async Task<PairFacts> ReadAsync(IServerShell shell, CancellationToken cancellationToken)
    {
        var output = await shell.RunAsync(Command, cancellationToken).ConfigureAwait(false);
        return PairParser.Parse(shell.Name, output.EnsureSuccess().Text);
    }
}
