namespace ProdOps.Servers.Connections.Channels;

/// <summary>When to ask a silent server for a sign of life, as ssh_config's ServerAliveInterval and ServerAliveCountMax have it.</summary>
/// <param name="Interval">After how long a silence, and how often; zero for never.</param>
/// <param name="MaximumUnanswered">After how many questions without an answer the connection is taken for dead.</param>
internal sealed record KeepAliveOptions(TimeSpan Interval, int MaximumUnanswered)
{
    /// <summary>After 30 s of silence, three times.</summary>
    public static KeepAliveOptions Default { get; } = new(TimeSpan.FromSeconds(30), 3);
}
