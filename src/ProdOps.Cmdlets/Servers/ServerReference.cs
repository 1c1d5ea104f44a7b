using System.Management.Automation;

namespace ProdOps.Cmdlets.Servers;

/// <summary>
/// What <c>-Server</c> takes: a name of the environment, a wildcard, <c>role:App</c>, <c>group:eu</c>, <c>user@host:port</c>, a server's object, or
/// one that was stored or came from another session, which counts by its name.
/// </summary>
public sealed class ServerReference
{
    /// <summary>Names servers by text.</summary>
    /// <param name="text">Name, wildcard, role, group or host.</param>
    public ServerReference(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        Text = text;
    }

    /// <summary>Names a server by its object.</summary>
    /// <param name="server">The server.</param>
    public ServerReference(Server server)
    {
        ArgumentNullException.ThrowIfNull(server);
        Server = server;
        Text = server.Name;
    }

    /// <summary>Names a server by an object that was a server once.</summary>
    /// <param name="value">A deserialized server.</param>
    public ServerReference(PSObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Server = value.BaseObject as Server;
        bool wasServer = value.TypeNames.Any(name => name.EndsWith(".ProdOps.Server", StringComparison.Ordinal));
        Text = Server?.Name ?? value.BaseObject as string ?? (wasServer ? value.Properties["Name"]?.Value as string : null)
            ?? throw new PSInvalidCastException("This is no server. Give a name, a server of Get-Server, or user@host:port.");
    }

    /// <summary>The text, or the server's name.</summary>
    public string Text { get; }

    /// <summary>The server's object, where one was given.</summary>
    public Server? Server { get; }

    /// <summary>The text, or the server's name.</summary>
    /// <returns><see cref="Text"/>.</returns>
    public override string ToString() => Text;
}
