using System.Globalization;
using ProdOps.LoadBalancing.HAProxy.Configuration;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>
/// How many files HAProxy may have open on a server, against what a configuration takes: it does not start with less (<c>strict-limits</c>, on since 2.5; Configuration Manual, section 3.1), and its own check
/// of a configuration does not look at it.
/// </summary>
/// <param name="Limit">How many it may open; <see langword="null"/> if that cannot be told.</param>
/// <param name="Threads">How many threads it has by itself: the server's processors.</param>
internal sealed record OpenFiles(long? Limit, int Threads)
{
    // Measured on 2.6 and 3.0: connections take two each (haproxy.c, compute_ideal_maxsock); besides there are some for logs, sockets and the master, and three a thread.
    private const int Some = 24, AThread = 3, AConnection = 2;

    // Bit 24 of the capabilities is CAP_SYS_RESOURCE (capability.h): who has it raises its own limit up to what the kernel allows.
    private const string Script = """
        pid=$1; unit=
        kernel=$(cat /proc/sys/fs/nr_open 2>/dev/null)
        echo "threads=$(nproc 2>/dev/null)"
        if [ -n "$pid" ] && [ -r "/proc/$pid/limits" ]; then
          hard=$(sed -n 's/^Max open files *[^ ]* *\([^ ]*\).*/\1/p' "/proc/$pid/limits")
          caps=$(sed -n 's/^CapEff:[^0-9a-f]*//p' "/proc/$pid/status")
        else
          hard=$(systemctl show -p LimitNOFILE --value haproxy 2>/dev/null)
          top=$(sed -n 's/^Max open files *[^ ]* *\([^ ]*\).*/\1/p' /proc/1/limits 2>/dev/null)
          caps=$(sed -n 's/^CapBnd:[^0-9a-f]*//p' /proc/1/status 2>/dev/null)
          case $hard in *[!0-9]*|'') hard=$top;; *) case $top in *[!0-9]*|'') ;; *) [ "$hard" -le "$top" ] || hard=$top;; esac;; esac
        fi
        echo "hard=$hard"; echo "kernel=$kernel"; echo "caps=$caps"
        """;

    /// <summary>Asks a server.</summary>
    /// <param name="shell">The server.</param>
    /// <param name="process">HAProxy's first process; <see langword="null"/> if it does not run.</param>
    /// <param name="asRoot">Whether root asks: the limits of another user's process are not for everyone.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<OpenFiles> ReadAsync(IServerShell shell, int? process, bool asRoot, CancellationToken cancellationToken)
    {
        var command = new ServerCommand($"set -- {ShellQuote.Word(process?.ToString(CultureInfo.InvariantCulture) ?? "")}\n{Script}") { AsRoot = asRoot, Idempotent = true, PosixLocale = true };
        return Parse((await shell.RunAsync(command, cancellationToken).ConfigureAwait(false)).Text);
    }

    /// <summary>Reads what the script printed.</summary>
    public static OpenFiles Parse(string text)
    {
        long? hard = null, kernel = null;
        int threads = 1;
        bool mayRaise = false;
        foreach (string line in text.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) continue;
            string value = line[(equals + 1)..].Trim();
            long? number = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long read) ? read : null;
            switch (line[..equals])
            {
                case "hard": hard = number; break;
                case "kernel": kernel = number; break;
                case "threads" when number is > 0 and < 100_000: threads = (int)number.Value; break;
                case "caps": mayRaise = ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits) && (bits & (1UL << 24)) != 0; break;
            }
        }

        return new OpenFiles(mayRaise ? Larger(hard, kernel) : hard, threads);
    }

    /// <summary>How many files a configuration takes; 0 where it leaves that to HAProxy, which then takes what it may have.</summary>
    public long NeededBy(HAProxyConfiguration configuration)
    {
        if (configuration.MaxConnections is not { } connections) return 0;
        int threads = int.TryParse(configuration.Global.LastOrDefault(line => line.Keyword == "nbthread")?[1], NumberStyles.None, CultureInfo.InvariantCulture, out int named) && named > 0 ? named : Threads;
        return (AConnection * connections) + OverheadOf(configuration, threads);
    }

    /// <summary>How many connections there may be in all with a configuration as it is else.</summary>
    public long MostConnections(HAProxyConfiguration configuration) => Math.Max(0, ((Limit ?? 0) - OverheadOf(configuration, Threads)) / AConnection);

    private static long OverheadOf(HAProxyConfiguration configuration, int threads) =>
        Some + ((long)AThread * threads) + configuration.Frontends.Sum(frontend => frontend.All("bind").Count()) + configuration.Backends.Sum(backend => backend.All("server").Count());

    private static long? Larger(long? a, long? b) => a is null ? b : b is null || a > b ? a : b;
}
