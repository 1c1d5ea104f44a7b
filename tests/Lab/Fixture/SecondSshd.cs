namespace ProdOps.Lab.Tests;

/// <summary>
/// A second sshd of a host, at another port, for what must not be done to the first: one that takes many logins at once, or one whose
/// sessions do not see that systemd runs, as on a host without it.
/// </summary>
internal sealed class SecondSshd(LabHost host, bool hidesSystemd = false) : IAsyncDisposable
{
    public const int Port = 2222;

    private const string PidFile = "/run/sshd-second.pid";

    /// <summary>The host's keys at that port, as lines of known_hosts.</summary>
    public string KnownHosts => string.Concat(File.ReadLines(Fleet.KnownHosts).Where(line => line.StartsWith($"{host.Address} ", StringComparison.Ordinal))
        .Select(line => $"[{host.Address}]:{Port}{line[host.Address.Length..]}\n"));

    /// <summary>A server of the environment.</summary>
    public string Entry(string name) => $"@{{ Name = '{name}'; Address = '{host.Address}'; Ssh = @{{ Port = {Port} }} }}";

    public Task StartAsync()
    {
        string start = $"/usr/sbin/sshd -p {Port} -o PidFile={PidFile} -o MaxStartups=200 -o MaxSessions=50";
        return host.RunAsync(hidesSystemd ? $"unshare -m sh -euc 'mount -t tmpfs none /run/systemd; mkdir -p /run/sshd; exec {start}'" : start);
    }

    // Its sessions are processes of their own, and end with their connections.
    public async ValueTask DisposeAsync() => await host.RunAsync($"kill $(cat {PidFile}) && rm -f {PidFile}");
}
