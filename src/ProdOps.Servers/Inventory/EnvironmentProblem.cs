using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory;

/// <summary>Something that is wrong with an environment's file.</summary>
/// <param name="Id">Stable Pascal-case id.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="Message">What is wrong, in a sentence. Never a secret.</param>
/// <param name="Recommendation">What to do.</param>
internal sealed record EnvironmentProblem(string Id, SourcePosition Position, string Message, string Recommendation)
{
    /// <summary>The key that it is about, with the keys above it: <c>Servers[2].Ssh.Port</c>.</summary>
    public string? Key { get; init; }

    /// <summary>True if the environment can be used all the same.</summary>
    public bool IsWarning { get; init; }
}
