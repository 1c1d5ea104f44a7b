namespace ProdOps.Recovery.Readiness;

/// <summary>Something that was gathered, or why it could not be.</summary>
/// <param name="Value">What was gathered; <see langword="null"/> if it could not be.</param>
/// <param name="Problem">Why not, in words.</param>
internal sealed record Fact<T>(T? Value, string Problem)
    where T : class
{
    public static Fact<T> Of(T value) => new(value, "");

    public static Fact<T> Unknown(string why) => new(null, why);
}
