namespace ProdOps.Servers;

internal static partial class ServersErrors
{
    public static ProdOpsException ConnectingNotSupported(string server, DateTimeOffset moment) => new(
        "ConnectingNotSupported", ErrorKind.NotSupported,
        $"Server '{server}' is not this machine ({moment:u}).",
        "Name localhost.") { Target = server };

    public static ProdOpsException ServerNameInvalid(string name) => new(
        "ServerNameInvalid", ErrorKind.InvalidArgument,
        $"'{name}' names no server.",
        "Use a server's name, or [user@]host[:port]; an IPv6 address with a port goes into brackets.") { Target = name };
}
