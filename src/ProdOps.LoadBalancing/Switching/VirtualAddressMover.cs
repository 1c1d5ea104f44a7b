using System.Globalization;
using System.Net;
using ProdOps.LoadBalancing.Pairs;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Switching;

/// <summary>
/// Moves a virtual address of keepalived. Where its configuration tracks a file of preference, as the one that ProdOps writes does, the number in it raises the priority of the balancer that shall have the address:
/// that outlives restarts of either, and the other one still takes over when this one fails. Without such a file keepalived is stopped where the address is.
/// </summary>
/// <param name="address">The address.</param>
/// <param name="balancers">The balancers of the pair.</param>
/// <param name="open">Connects to one.</param>
internal sealed class VirtualAddressMover(IPAddress address, IReadOnlyList<string> balancers, Func<string, CancellationToken, Task<IServerShell>> open) : IAddressMover
{
    /// <summary>How far the priority of the one that shall have the address is above the other's.</summary>
    private const int Lead = 10;

    /// <summary>keepalived's highest priority of a router that does not own the address.</summary>
    private const int HighestPriority = 254;

    private const string ReadScript = """
        file=/etc/keepalived/keepalived.conf
        for pid in $(cat /run/keepalived.pid 2>/dev/null); do
            named=$(tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | awk 'take { print; exit } $0 == "-f" { take = 1 } sub(/^--use-file=/, "") { print; exit }')
            [ -z "$named" ] || file=$named
        done
        cat "$file" || exit
        for more in $(awk '$1 == "include" { print $2 }' "$file"); do
            case $more in /*) ;; *) more=${file%/*}/$more ;; esac
            for part in $more; do echo; cat "$part" 2>/dev/null; done
        done
        """;

    private readonly Dictionary<string, (KeepalivedInstance Instance, KeepalivedFile? Preference, int Former)> _routers = new(StringComparer.OrdinalIgnoreCase);

    public string Address => address.ToString();

    public string Method => _routers.Count > 0 && !HasPreferences ? "by stopping keepalived where it is" : "by keepalived's priorities";

    private bool HasPreferences => _routers.Values.All(router => router.Preference is not null);

    public async Task<IReadOnlyList<string>> ReadHoldersAsync(CancellationToken cancellationToken) =>
        (await PairReader.ReadAsync(balancers, open, cancellationToken).ConfigureAwait(false)).HoldersOf(address);

    public async Task<IReadOnlyList<string>> PrepareAsync(string from, string to, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var pair = await PairReader.ReadAsync([to], open, cancellationToken).ConfigureAwait(false);
        foreach (var failure in pair.Failures.Values) throw failure;
        var target = pair.Members[0];
        if (target.KeepalivedProcess is null) problems.Add($"keepalived does not run on {to}");
        else if (target.Routers is not null && target.RouterOf(address)?.State is not (VirtualRouterState.Backup or VirtualRouterState.Master)) problems.Add($"keepalived on {to} is not ready to take the address");
        if (problems.Count > 0) return problems;
        foreach (string balancer in new[] { from, to })
        {
            var shell = await open(balancer, cancellationToken).ConfigureAwait(false);
            var output = await shell.RunAsync(new ServerCommand(ReadScript) { AsRoot = true, Idempotent = true, PosixLocale = true }, cancellationToken).ConfigureAwait(false);
            var configuration = KeepalivedConfiguration.Parse(output.EnsureSuccess().Text);
            if (configuration.InstanceOf(address) is not { } instance)
            {
                problems.Add($"keepalived's configuration on {balancer} has no vrrp_instance with {address}");
                continue;
            }

            var preference = configuration.PreferenceOf(instance);
            _routers[balancer] = (instance, preference, preference is null ? 0 : await ReadPreferenceAsync(shell, preference, cancellationToken).ConfigureAwait(false));
        }

        return problems;
    }

    public async Task MoveAsync(string from, string to, CancellationToken cancellationToken)
    {
        if (!HasPreferences)
        {
            await RunAsync(from, "systemctl stop keepalived", cancellationToken).ConfigureAwait(false);
            return;
        }

        var (source, target) = (_routers[from], _routers[to]);
        // As much as it takes and no more: what tracks HAProxy must still be able to bring it below the other one.
        int missing = Math.Max(0, source.Instance.Priority + Lead - target.Instance.Priority);
        if (target.Instance.Priority > source.Instance.Priority) missing = 0;
        int weight = target.Preference!.Weight;
        int number = (missing + weight - 1) / weight;
        if (target.Instance.Priority + (number * weight) > HighestPriority) throw LoadBalancingErrors.PriorityTooHigh(to, target.Instance.Priority, source.Instance.Priority, HighestPriority);
        await WritePreferenceAsync(to, number, cancellationToken).ConfigureAwait(false);
        await WritePreferenceAsync(from, 0, cancellationToken).ConfigureAwait(false);
    }

    public async Task PutBackAsync(string from, string to, CancellationToken cancellationToken)
    {
        if (!HasPreferences)
        {
            await RunAsync(from, "systemctl start keepalived", cancellationToken).ConfigureAwait(false);
            return;
        }

        await WritePreferenceAsync(from, _routers[from].Former, cancellationToken).ConfigureAwait(false);
        await WritePreferenceAsync(to, _routers[to].Former, cancellationToken).ConfigureAwait(false);
    }

    public async Task<string?> FinishAsync(string from, string to, CancellationToken cancellationToken)
    {
        if (HasPreferences) return null;
        if (_routers[from].Instance is { NoPreempt: false } source && source.Priority > _routers[to].Instance.Priority)
            return $"keepalived on {from} stays stopped, or it would take {address} back at once: it has the higher priority. Started again (systemctl start keepalived) it does so; until then nobody takes over when {to} fails.";
        await RunAsync(from, "systemctl start keepalived", cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static async Task<int> ReadPreferenceAsync(IServerShell shell, KeepalivedFile file, CancellationToken cancellationToken)
    {
        var output = await shell.RunAsync(new ServerCommand($"cat {ShellQuote.Word(file.Path)} 2>/dev/null") { AsRoot = true, Idempotent = true }, cancellationToken).ConfigureAwait(false);
        return int.TryParse(output.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    /// <summary>keepalived sees the file when it is closed; what it holds is on disk before this returns.</summary>
    private Task WritePreferenceAsync(string balancer, int number, CancellationToken cancellationToken)
    {
        string path = ShellQuote.Word(_routers[balancer].Preference!.Path);
        return RunAsync(balancer, string.Create(CultureInfo.InvariantCulture, $"echo {number} >{path} && sync {path}"), cancellationToken);
    }

    private async Task RunAsync(string balancer, string text, CancellationToken cancellationToken)
    {
        var shell = await open(balancer, cancellationToken).ConfigureAwait(false);
        (await shell.RunAsync(new ServerCommand(text) { AsRoot = true, Idempotent = true }, cancellationToken).ConfigureAwait(false)).EnsureSuccess();
    }
}
