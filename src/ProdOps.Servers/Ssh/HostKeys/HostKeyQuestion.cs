namespace ProdOps.Servers.Ssh.HostKeys;

/// <summary>Whose key is in question.</summary>
/// <param name="Server">The name that the user gave.</param>
/// <param name="Address">The host's name or address that is connected to.</param>
/// <param name="Port">The port.</param>
/// <param name="Name">The name that known_hosts has for it, with its port where that is not 22.</param>
/// <param name="UserFile">The file that new keys go to, if there is one.</param>
internal sealed record HostKeyQuestion(string Server, string Address, int Port, string Name, string? UserFile)
{
    /// <summary>The host for messages: the name that was given, and what it stands for where that differs.</summary>
    public string Host => Server == Name ? Server : $"{Server} ({Name})";
}
