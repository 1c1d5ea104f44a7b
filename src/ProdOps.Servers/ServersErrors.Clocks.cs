namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException ClockSilent(string server, string said, Exception? cause) => new(
        "ClockUnreadable", ErrorKind.InvalidData,
        $"Server '{server}' does not answer with its time: {string.Concat(said.Take(200).Select(c => char.IsControl(c) ? ' ' : c))}",
        "Its shell needs 'read' and 'date +%s'. See what 'date +%s' prints there.", cause) { Target = server };

    public static ProdOpsException ClockTimeout(string server, int seconds) => new(
        "ClockTimeout", ErrorKind.Timeout,
        $"Reading the clock of server '{server}' took more than {seconds} s.",
        "Try again, or give it more time with -TimeoutSec.") { Target = server };
}
