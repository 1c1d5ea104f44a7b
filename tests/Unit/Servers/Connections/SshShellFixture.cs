using ProdOps.Servers.Commands;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Connections;

/// <summary>An sshd and a session's shells over it.</summary>
internal sealed class SshShellFixture : IAsyncDisposable
{
    private SshShellFixture(LoopbackSshd sshd)
    {
        Sshd = sshd;
        Connector = new CountingConnector(new ServerConnector(TimeProvider.System));
        Shells = new ServerShells(Connector, TimeProvider.System);
        Target = TargetOf(sshd, "web1");
    }

    public LoopbackSshd Sshd { get; }

    public CountingConnector Connector { get; }

    public ServerShells Shells { get; }

    public ConnectionTarget Target { get; }

    public static async Task<SshShellFixture> StartAsync(string config = "") =>
        new(await LoopbackSshd.StartAsync(new LoopbackSshdOptions { Config = config }));

    /// <summary>A server that this sshd is, by a key of its own.</summary>
    public static ConnectionTarget TargetOf(LoopbackSshd sshd, string name, string? user = null)
    {
        // sshd reads authorized_keys as the user who logs in.
        Tool.SetMode(sshd.Folder, (UnixFileMode)0b111_101_101);
        string key = Path.Combine(sshd.Folder, "user_ed25519");
        if (!File.Exists(key)) sshd.CreateUserKey("ed25519");
        var ssh = new SshOptions { User = user ?? sshd.User, Port = sshd.Port, IdentityFile = [key], KnownHosts = [sshd.WriteKnownHosts()], ConfigFile = "none" };
        return new ConnectionTarget(new Server { Name = name, Address = "127.0.0.1", Ssh = ssh });
    }

    public Task<IServerShell> OpenAsync(ConnectionTarget? target = null) => Shells.OpenAsync(target ?? Target, SilentActivity.Instance, default);

    public async ValueTask DisposeAsync()
    {
        Shells.Dispose();
        await Sshd.DisposeAsync();
    }
}
