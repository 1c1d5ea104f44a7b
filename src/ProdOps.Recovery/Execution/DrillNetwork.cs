using System.Text;
using ProdOps.Recovery.Plans;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Execution;

/// <summary>
/// Keeps what is built in a drill away from what is in use: the spare host reaches no server of the environment, no address that moves between balancers and no place that messages go to, and none of
/// them reaches it. Package sources that the plan names stay. Routes do it, which need no firewall; they are gone when the host is restarted.
/// </summary>
internal sealed class DrillNetwork(ProdOpsEnvironment environment, Server target, IReadOnlyList<PlannedStep> steps)
{
    // Who is connected must stay, and so must the host itself.
    private const string Script = """
        command -v ip >/dev/null 2>&1 || { echo 'ip, of the package iproute2, is not there' >&2; exit 1; }
        mine=$(ip -o addr show | awk '{ sub("/.*", "", $4); print $4 }') || exit
        while IFS= read -r place; do
            for a in $(getent ahosts "$place" 2>/dev/null | awk '{ print $1 }' | sort -u); do
                case $a in 127.*|::1|0.0.0.0|::) continue ;; esac
                if printf '%s\n' "$mine" | grep -qxF -e "$a"; then continue; fi
                if [ "$a" = "$peer" ]; then echo "left $a"; continue; fi
                case $a in *:*) ip -6 route replace prohibit "$a/128" ;; *) ip route replace prohibit "$a/32" ;; esac || exit
                echo "closed $a"
            done
        done

        """;

    /// <summary>Hosts that the spare one must not reach, by name or address, each once.</summary>
    public IReadOnlyList<string> Places
    {
        get
        {
            var places = environment.Servers.Where(server => !server.IsLocal && !IsTarget(server)).SelectMany(server => (string?[])[server.Address, server.Name])
                .Concat(environment.LoadBalancers.SelectMany(entry => (string?[])[entry.VirtualAddress, entry.FloatingAddress?.Address]))
                .Concat(environment.Monitoring.Channels.Select(HostOf)).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            string sources = string.Join('\n', steps.Where(step => step.Step.Kind == RecoveryStepKind.Repository).SelectMany(step => step.Step.Files.Select(file => Text(step.Owner, file))));
            // A server has two words for itself: what is written of either counts for both.
            var kept = environment.Servers.Where(server => Names(sources, server.Name) || Names(sources, server.Address)).SelectMany(server => (string?[])[server.Name, server.Address]).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
            return [.. places.Where(place => !kept.Contains(place) && HostReference.IsHostOrAddress(place))];
        }
    }

    /// <summary>Closes the ways.</summary>
    /// <exception cref="ProdOpsException"><c>RecoveryDrillNetwork</c>: it could not be done.</exception>
    public async Task CloseAsync(IServerShell shell, IActivity activity, CancellationToken cancellationToken)
    {
        if (Places.Count == 0) return;
        // Asked as who logs in: sudo drops it.
        string peer = (await shell.RunAsync(new ServerCommand("printf %s \"${SSH_CONNECTION%% *}\"") { Idempotent = true }, cancellationToken).ConfigureAwait(false)).Text.Trim();
        var options = new CommandRunOptions { Input = Encoding.UTF8.GetBytes(string.Concat(Places.Select(place => place + "\n"))) };
        var output = await shell.RunAsync(new ServerCommand($"peer={ShellQuote.Word(peer)}\n{Script}") { AsRoot = true, PosixLocale = true, Idempotent = true }, options, cancellationToken).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw RecoveryErrors.DrillNetwork(shell.Name, ServersErrors.Printable(output.ErrorText.Trim()));
        foreach (string line in output.Lines)
        {
            string shown = ServersErrors.Printable(line);
            if (line.StartsWith("left ", StringComparison.Ordinal)) activity.Warning($"{shell.Name} can still reach {shown[5..]}: this session comes from there.");
            else activity.Verbose($"{shell.Name} cannot reach {shown[(shown.IndexOf(' ') + 1)..]} until it is restarted.");
        }
    }

    private bool IsTarget(Server server) => server.Name.Equals(target.Name, StringComparison.OrdinalIgnoreCase) || (server.Address ?? server.Name).Equals(target.Address ?? target.Name, StringComparison.OrdinalIgnoreCase);

    private static string? HostOf(NotificationChannel channel) =>
        Uri.TryCreate(channel.Target, UriKind.Absolute, out var url) && url.DnsSafeHost.Length > 0 ? url.DnsSafeHost : channel.Kind == NotificationChannelKind.Mail && HostReference.TryParse(channel.Target, out var host) ? host.Host : null;

    private static string Text(RecoveryPlan plan, RecoveryFile file)
    {
        try
        {
            return file.Source is null ? file.Content ?? "" : File.ReadAllText(PlanFiles.SourceOf(plan, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The step itself tells that its file is not there.
            return "";
        }
    }

    /// <summary>Whether a text has a host as a word of its own: 10.0.0.1 does not stand in 10.0.0.11.</summary>
    private static bool Names(string text, string? host)
    {
        if (string.IsNullOrEmpty(host)) return false;
        for (int at = text.IndexOf(host, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(host, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if ((at == 0 || !IsPart(text[at - 1])) && (at + host.Length == text.Length || !IsPart(text[at + host.Length]))) return true;
        }

        return false;

        static bool IsPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
    }
}
