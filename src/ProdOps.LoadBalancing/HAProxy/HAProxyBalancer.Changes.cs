using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using ProdOps.LoadBalancing.HAProxy.Configuration;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.LoadBalancing.Operating;
using static System.FormattableString;

namespace ProdOps.LoadBalancing.HAProxy;

internal sealed partial class HAProxyBalancer
{
    private const string Experimental = "experimental-mode on; ";
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5), ClosePause = TimeSpan.FromMilliseconds(100);

    public Task SetStateAsync(BackendMember member, BackendServerTarget target, CancellationToken cancellationToken) =>
        ChangeAsync(member, $"set server {member} state {target switch { BackendServerTarget.Ready => "ready", BackendServerTarget.Drain => "drain", _ => "maint" }}", $"change {member}", cancellationToken);

    public Task SetWeightAsync(BackendMember member, int weight, CancellationToken cancellationToken) =>
        ChangeAsync(member, Invariant($"set server {member} weight {weight}"), $"change the weight of {member}", cancellationToken);

    public async Task SetAddressAsync(BackendMember member, string address, int port, CancellationToken cancellationToken)
    {
        var ip = AddressOf(address);
        var reply = await ChangeAsync(member, Invariant($"set server {member} addr {ip} port {port}"), $"change the address of {member}", cancellationToken).ConfigureAwait(false);
        // What went well is told like what did not: as a notice.
        if (!((string[])["changed from", "no need to change", "nothing changed"]).Any(said => reply.Text.Contains(said, StringComparison.Ordinal)))
            throw LoadBalancingErrors.HAProxyRefused(Server, $"change the address of {member}", reply.Text);
    }

    public async Task<TimeSpan?> BeginCheckAsync(BackendMember member, CancellationToken cancellationToken)
    {
        CheckNames(member);
        var state = HAProxyServerStates.Parse(await AskAsync($"show servers state {member.Pool}", cancellationToken).ConfigureAwait(false)).Find(member.Pool, member.Name);
        const int configured = 2;
        if (state is null) throw await ExplainAsync(HAProxyReply.Parse("No such server."), member, "check it", cancellationToken).ConfigureAwait(false);
        if ((state.Value.CheckState & configured) == 0) return null;
        if (state.Value.Wanted != BackendServerState.Maintenance)
        {
            // It serves those who are there, and goes on to: what its checks find is shown, and one more has come when it had the time.
            await SetStateAsync(member, BackendServerTarget.Drain, cancellationToken).ConfigureAwait(false);
            return CheckIntervalOf(await ReadConfigurationAsync(cancellationToken).ConfigureAwait(false), member);
        }

        // Out of maintenance HAProxy believes a server to be up at once; told that it is down, it wants all checks of 'rise' before.
        await ChangeAsync(member, $"set server {member} state drain; set server {member} health down", $"check {member}", cancellationToken).ConfigureAwait(false);
        return TimeSpan.Zero;
    }

    public async Task AddAsync(BackendMember member, string address, int port, int weight, CancellationToken cancellationToken)
    {
        CheckNames(member);
        var ip = AddressOf(address);
        var settings = HAProxyDynamicServer.SettingsOf(await ReadConfigurationAsync(cancellationToken).ConfigureAwait(false), member);
        string where = ip.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{ip}]" : ip.ToString();
        string command = string.Join(' ', [Invariant($"add server {member} {where}:{port} weight {weight}"), .. settings.Words]);
        var reply = await AskToAddAsync(command).ConfigureAwait(false);
        if (reply.Text.Contains("experimental", StringComparison.OrdinalIgnoreCase)) reply = await AskToAddAsync(Experimental + command).ConfigureAwait(false);
        if (reply.Text.Contains("'cookie'", StringComparison.Ordinal) && reply.IsError) throw LoadBalancingErrors.DynamicServerCookie(Server, member);
        if (reply.IsError && DynamicOption().Match(reply.Text) is { Success: true } option) throw LoadBalancingErrors.DynamicServerOption(Server, member, option.Groups[1].Value);
        if (reply.Text.StartsWith("Already exists", StringComparison.Ordinal)) throw LoadBalancingErrors.ServerExists(Server, member);
        await EnsureAsync(reply, member, "add server", $"add {member}", cancellationToken).ConfigureAwait(false);
        if (settings.IsChecked) await ChangeAsync(member, $"enable health {member}", $"check {member}", cancellationToken).ConfigureAwait(false);

        async Task<HAProxyReply> AskToAddAsync(string text) => HAProxyReply.Parse(await AskAsync(HAProxyReply.Prefix + text, cancellationToken).ConfigureAwait(false));
    }

    public async Task RemoveAsync(BackendMember member, CancellationToken cancellationToken)
    {
        CheckNames(member);
        string command = $"del server {member}", prefix = HAProxyReply.Prefix;
        long began = time.GetTimestamp();
        HAProxyReply reply;
        while (true)
        {
            reply = HAProxyReply.Parse(await AskAsync(prefix + command, cancellationToken).ConfigureAwait(false));
            // 2.4 wants to hear that it is meant; and connections that are kept idle take a moment to be closed.
            if (reply.Text.Contains("experimental", StringComparison.OrdinalIgnoreCase) && prefix == HAProxyReply.Prefix) prefix += Experimental;
            else if (reply.Text.Contains("connections attached", StringComparison.Ordinal) && time.GetElapsedTime(began) < CloseTime) await Task.Delay(ClosePause, time, cancellationToken).ConfigureAwait(false);
            else break;
        }

        await EnsureAsync(reply, member, "del server", $"remove {member}", cancellationToken).ConfigureAwait(false);
    }

    public Task ShutdownSessionsAsync(BackendMember member, CancellationToken cancellationToken) =>
        ChangeAsync(member, $"shutdown sessions server {member}", $"end what {member} works on", cancellationToken);

    public async Task<bool> KeepAsync(string pool, CancellationToken cancellationToken)
    {
        CheckName(pool);
        var configuration = await ReadConfigurationAsync(cancellationToken).ConfigureAwait(false);
        if (configuration.Backend(pool) is not { } backend || configuration.StateFileOf(backend) is not { } path) return false;
        string states = await AskAsync(backend.LoadsStateFrom == "local" ? $"show servers state {pool}" : "show servers state", cancellationToken).ConfigureAwait(false);
        if (!states.TrimStart().StartsWith("1\n#", StringComparison.Ordinal)) throw LoadBalancingErrors.NotHAProxy(Server, _sockets![0]);
        return await StateFile.TryWriteAsync(shell, path, Encoding.UTF8.GetBytes(states.TrimStart()), cancellationToken).ConfigureAwait(false);
    }

    private async Task<HAProxyReply> ChangeAsync(BackendMember member, string command, string what, CancellationToken cancellationToken)
    {
        CheckNames(member);
        var reply = HAProxyReply.Parse(await AskAsync(HAProxyReply.Prefix + command, cancellationToken).ConfigureAwait(false));
        await EnsureAsync(reply, member, command[..command.IndexOf($" {member}", StringComparison.Ordinal)], what, cancellationToken).ConfigureAwait(false);
        return reply;
    }

    private async Task EnsureAsync(HAProxyReply reply, BackendMember member, string command, string what, CancellationToken cancellationToken)
    {
        if (!reply.IsError) return;
        if (!reply.IsUnknown) throw await ExplainAsync(reply, member, what, cancellationToken).ConfigureAwait(false);
        var info = HAProxyInfo.Parse(await AskAsync("show info", cancellationToken).ConfigureAwait(false));
        throw LoadBalancingErrors.HAProxyTooOld(Server, VersionOf(info?["Version"] ?? ""), command);
    }

    /// <summary>How long after a moment a server has been checked once more at the latest: the interval, and what a check may take.</summary>
    private static TimeSpan CheckIntervalOf(HAProxyConfiguration configuration, BackendMember member)
    {
        var backend = configuration.Backend(member.Pool);
        string? text = backend?.All("server").FirstOrDefault(line => line[1] == member.Name)?.After("inter", 3) ?? backend?.DefaultServers.LastOrDefault(line => line.After("inter") is not null)?.After("inter");
        var interval = HAProxyTime.Parse(text) ?? TimeSpan.FromSeconds(2);
        return interval + (HAProxyTime.Parse(backend?.TimeoutOf("check")) ?? interval);
    }

    private static IPAddress AddressOf(string address) =>
        IPAddress.TryParse(address, out var ip) && !address.Contains('%') && (ip.AddressFamily == AddressFamily.InterNetworkV6 || address.Count(c => c == '.') == 3) ? ip : throw LoadBalancingErrors.AddressInvalid(address);

    private static void CheckNames(BackendMember member)
    {
        CheckName(member.Pool);
        CheckName(member.Name);
    }

    // Checks, for example, came in 2.5 (Management Guide, section 9.3, "add server").
    [GeneratedRegex("^'([a-z0-9-]{1,40})' option is not accepted for dynamic server", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DynamicOption();

    private static string VersionOf(string version) => version.Length > 0 && version.IndexOf('-', StringComparison.Ordinal) is var dash and > 0 ? version[..dash] : version;
}
