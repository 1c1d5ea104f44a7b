using System.Management.Automation;

namespace ProdOps.Cmdlets.Servers;

/// <summary>
/// What <c>-Server</c> takes: a name of the environment, a wildcard, <c>role:App</c>, <c>group:eu</c>, <c>user@host:port</c>, a server's object, or
/// one that was stored or came from another session, which counts by its name.
/// </summary>
public sealed class ServerReference
{
    /// <summary>
    /// Names servers. There is one constructor for all: with one for text, PowerShell would make a text of any object and take it for a name.
    /// </summary>
    /// <param name="value">A text, a server, or a server that was serialized.</param>
    public ServerReference(object value)
    {
        var wrapped = PSObject.AsPSObject(value ?? throw new PSInvalidCastException("A server's name is missing."));
        Server = wrapped.BaseObject as Server;
        bool wasServer = wrapped.TypeNames.Contains("Deserialized.ProdOps.Server");
        string? text = Server?.Name ?? wrapped.BaseObject as string ?? (wasServer ? wrapped.Properties["Name"]?.Value as string : null);
        Text = text ?? throw new PSInvalidCastException("This is no server. Give a name, a server of Get-Server, or user@host:port.");
    }

    /// <summary>The text, or the server's name.</summary>
    public string Text { get; }

    /// <summary>The server's object, where one was given.</summary>
    public Server? Server { get; }

    /// <summary>The text, or the server's name.</summary>
    /// <returns><see cref="Text"/>.</returns>
    public override string ToString() => Text;
}
