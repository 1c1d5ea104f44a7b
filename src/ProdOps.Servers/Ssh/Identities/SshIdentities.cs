using Renci.SshNet;

namespace ProdOps.Servers.Ssh.Identities;

/// <summary>The keys to offer to a server, in order, and the agent that holds some of them. Dispose it once the login is done.</summary>
internal sealed class SshIdentities : IDisposable
{
    private readonly AgentClient? _agent;
    private readonly List<SshIdentity> _identities = [];
    private readonly List<string> _passedOver = [];

    public SshIdentities(AgentClient? agent) => _agent = agent;

    /// <summary>What SSH.NET's public key method takes; empty when there is no key.</summary>
    public IReadOnlyList<IPrivateKeySource> Sources => _identities;

    /// <summary>Tells the server's version (<see cref="ConnectionInfo.ServerVersion"/>) once it is known.</summary>
    public Func<string?> ServerVersion { get; set; } = static () => null;

    /// <summary>What is offered, for the error when all was refused.</summary>
    public IReadOnlyList<string> Describe() => [.. _identities.Select(identity => identity.ToString())];

    /// <summary>Key files that could have been offered and were not, each with the reason, for the same error.</summary>
    public IReadOnlyList<string> PassedOver => _passedOver;

    /// <summary>Remembers a key file that is not offered.</summary>
    public void PassOver(string file, string why) => _passedOver.Add($"{file} ({why})");

    public void Add(SshIdentity identity) => _identities.Add(identity);

    public void Dispose() => _agent?.Dispose();
}
