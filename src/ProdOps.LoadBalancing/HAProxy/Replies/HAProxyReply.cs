namespace ProdOps.LoadBalancing.HAProxy.Replies;

/// <summary>
/// What HAProxy says to a command that changes something. With <c>set severity-output number</c> before it, messages begin with their severity (Management Guide, section
/// 9.3); success is an empty line, or a message of severity 4 and more. A level that may not is told without a number.
/// </summary>
/// <param name="Text">The message, on one line; empty if there is none.</param>
/// <param name="Severity">Its severity as syslog has them; <see langword="null"/> without one.</param>
internal readonly record struct HAProxyReply(string Text, int? Severity)
{
    private const int Error = 3, MostText = 1000;

    /// <summary>What stands before a command so that its messages have severities.</summary>
    public const string Prefix = "set severity-output number; ";

    public bool IsForbidden => Text.StartsWith("Permission denied", StringComparison.Ordinal);

    /// <summary>The version does not know the command: it lists those that it knows.</summary>
    public bool IsUnknown => Text.StartsWith("Unknown command", StringComparison.Ordinal);

    public bool IsNoPool => Text.StartsWith("No such backend", StringComparison.Ordinal) || Text.StartsWith("No such proxy", StringComparison.Ordinal) || Text.StartsWith("Can't find backend", StringComparison.Ordinal);

    public bool IsNoServer => Text.StartsWith("No such server", StringComparison.Ordinal);

    public bool IsError => Severity <= Error || IsForbidden || IsUnknown || IsNoPool || IsNoServer;

    public static HAProxyReply Parse(string text)
    {
        var line = text.AsSpan().Trim();
        if (line.Length > MostText) line = line[..MostText];
        int? severity = null;
        if (line is ['[', >= '0' and <= '7', ']', ':', ..])
        {
            severity = line[1] - '0';
            line = line[4..].TrimStart();
        }

        // What follows the first line is the help of the commands there are.
        int end = line.IndexOf('\n');
        return new HAProxyReply((end < 0 ? line : line[..end]).TrimEnd().ToString(), severity);
    }
}
