namespace ProdOps;

/// <summary>Lists as scripts expect them.</summary>
internal static class Indexable
{
    /// <summary>
    /// The list, or an array of what is in it. PowerShell finds no indexer on the lists that the compiler makes for collection expressions, and then
    /// <c>$backup.Paths[0]</c> is all of them.
    /// </summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> list) => list is T[] or List<T> ? list : list.ToArray();
}
