namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException ConnectingNotSupported(string server, DateTimeOffset moment) => new(
        "ConnectingNotSupported", ErrorKind.NotSupported,
        $"Server '{server}' is not this machine ({moment:u}).",
        "Name localhost.") { Target = server };
}
