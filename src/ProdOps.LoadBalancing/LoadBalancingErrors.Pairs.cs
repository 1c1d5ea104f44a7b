namespace ProdOps.LoadBalancing;

internal static partial class LoadBalancingErrors
{
    public static ProdOpsException PairAnswerNotUnderstood(string server, string why) => new(
        "LoadBalancerPairNotUnderstood", ErrorKind.InvalidData,
        $"What server '{server}' says of its addresses and of keepalived is not understood: {why}.",
        "See whether iproute2 is installed there, and what 'ip -o addr show' prints.") { Target = server };
}
