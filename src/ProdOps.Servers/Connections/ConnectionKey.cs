namespace ProdOps.Servers.Connections;

/// <summary>
/// What makes two targets the same connection: where it goes, through what, as whom and by which keys. Passwords and whether a new host key
/// may be accepted count while connecting, and a kept connection has that behind it.
/// </summary>
internal readonly record struct ConnectionKey(string Text)
{
    public static ConnectionKey Of(ConnectionTarget target)
    {
        var (server, ssh) = (target.Server, target.Server.Ssh);
        // A line break is in none of these.
        return new ConnectionKey(string.Join('\n',
            server.Name, server.Address, ssh.User, ssh.Port, ssh.ProxyJump, ssh.ConfigFile, string.Join(',', ssh.IdentityFile), string.Join(',', ssh.KnownHosts)));
    }
}
