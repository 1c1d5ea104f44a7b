namespace ProdOps.Monitoring;

internal static partial class MonitoringErrors
{
    // An address may hold a password: only what stands before it is repeated.
    public static ProdOpsException TargetInStore(string address) => new(
        "HealthTargetNotStored", ErrorKind.InvalidArgument, $"'{address.Split("://")[0]}://…' is an address, and a store knows servers.", "Name servers, or leave -Source away: addresses are asked from here.");

    public static ProdOpsException TargetInvalid(string address) => new(
        "HealthTargetInvalid", ErrorKind.InvalidArgument,
        $"'{address.Split("://")[0]}://…' is not an address that can be checked.",
        "Write https://host/path, http://host/path, tcp://host:port or ping://host, or a server's name.");
}
