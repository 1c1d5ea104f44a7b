namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    private const int ShownNoise = 200;

    private const string SilentId = "ProbeSilent", TruncatedId = "ProbeTruncated";

    /// <summary>Whether a server did answer, and only what it said cannot be used.</summary>
    public static bool IsAnswer(ProdOpsException error) => error.ErrorId is SilentId or TruncatedId;

    /// <summary>What an error says of a server: that nobody reaches it, or only that nothing is known of it, since it did answer. A node_exporter that does not run, or does not let us in, is no server that is down.</summary>
    public static HealthState StateOf(Server server, ProdOpsException error) =>
        (server.NodeExporter is null ? IsAnswer(error) : error.ErrorId != ExporterUnreachableId) ? HealthState.Unknown : HealthState.Critical;

    public static ProdOpsException ProbeSilent(string server, string said) => new(
        SilentId, ErrorKind.InvalidData,
        $"Server '{server}' does not answer the probe{Said(said)}",
        "The login user needs a POSIX shell as /bin/sh and no forced command. Try: Invoke-ServerCommand with 'uname -a'.") { Target = server };

    public static ProdOpsException ProbeTruncated(string server) => new(
        TruncatedId, ErrorKind.InvalidData,
        $"The answer of server '{server}' to the probe breaks off; nothing of it is used.",
        "The connection was lost, or something ended the command there. The next round may go well; else see what the server's log says.") { Target = server };

    private static string Said(string said)
    {
        string line = Shown(said);
        return line.Length == 0 ? "; it prints nothing." : $", but with: {line}";
    }

    private static string Shown(string said) => string.Concat(said.Take(ShownNoise).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)).Trim();
}
