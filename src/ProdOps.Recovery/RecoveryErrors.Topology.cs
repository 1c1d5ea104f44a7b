using static System.FormattableString;

namespace ProdOps.Recovery;

internal static partial class RecoveryErrors
{
    public static ProdOpsException TooManyForPairs(int count, int most) => new(
        "TopologyTooLargeForPairs", ErrorKind.InvalidArgument,
        Invariant($"{count} things that can fail make too many pairs: at most {most} are tried two by two."),
        "Leave out -Pair, or describe a part of the environment in a file of its own.");

    public static ProdOpsException ServiceNotFound(string name, string? near) => new(
        "ServiceNotFound", ErrorKind.NotFound,
        $"The environment has no service '{Servers.ServersErrors.Printable(name)}'.{(near is null ? "" : $" Did you mean '{near}'?")}",
        "Services of the environment's file, else its load balancers, are the services.") { Target = name };
}
