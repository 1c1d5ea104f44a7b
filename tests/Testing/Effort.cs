namespace ProdOps.Testing;

/// <summary>How often a test tries chance. Each run tries some moments; <c>PRODOPS_FULL_TESTS=1</c> tries all that were ever named, which takes twice as long.</summary>
internal static class Effort
{
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("PRODOPS_FULL_TESTS") == "1";

    public static int Of(int full, int usual) => IsFull ? full : usual;
}
