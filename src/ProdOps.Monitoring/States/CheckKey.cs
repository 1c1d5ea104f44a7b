using System.Text.Json.Serialization;

namespace ProdOps.Monitoring.States;

/// <summary>Which check: a rule on a server, and of several instances the one.</summary>
/// <param name="Server">The server, or what is checked in its place.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Instance">E.g. <c>/var</c>; <see langword="null"/> where there is only one.</param>
internal readonly record struct CheckKey(string Server, string Rule, string? Instance = null)
{
    /// <summary>The rule that says whether a server can be reached: every server has it.</summary>
    public const string Reachability = "reachability";

    public static CheckKey ReachabilityOf(string server) => new(server, Reachability);

    [JsonIgnore]
    public bool IsReachability => Rule == Reachability;

    public override string ToString() => Instance is null ? $"{Server} {Rule}" : $"{Server} {Rule} {Instance}";
}
