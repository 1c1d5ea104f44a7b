using System.ComponentModel;
using System.Management.Automation;

namespace ProdOps.Cmdlets.Servers;

/// <summary>What people have when they mean servers: a name, a wildcard, <c>role:App</c>, <c>user@host:port</c>, or a server object.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ServerSelector
{
    /// <param name="text">A name, a wildcard, <c>role:…</c>, <c>group:…</c> or <c>user@host:port</c>.</param>
    public ServerSelector(string text) => Text = string.IsNullOrWhiteSpace(text) ? throw new PSInvalidCastException("A server's name is empty.") : text.Trim();

    /// <param name="server">A server.</param>
    public ServerSelector(Server server)
    {
        Server = server;
        Text = server.Name;
    }

    /// <param name="value">An object with a name, e.g. a server that came back from another session.</param>
    public ServerSelector(PSObject value) : this(value.BaseObject as string ?? value.Properties["Name"]?.Value as string ?? "")
    {
        Server = value.BaseObject as Server;
    }

    /// <summary>What was said.</summary>
    public string Text { get; }

    /// <summary>The object that was given, if it was one.</summary>
    public Server? Server { get; }

    /// <summary>What was said.</summary>
    /// <returns><see cref="Text"/>.</returns>
    public override string ToString() => Text;
}
