namespace ProdOps.Servers.HAProxy;

/// <summary>The table that HAProxy tells of itself, by <c>show stat</c> on its socket or by its page with <c>;csv</c>, as a whole. What comes in pieces is read by <see cref="HAProxyTableReader"/>.</summary>
/// <param name="Rows">A row for each frontend, backend and server.</param>
internal sealed record HAProxyTable(IReadOnlyList<HAProxyRow> Rows)
{
    private const int MostRows = 100_000;

    /// <summary>Reads it.</summary>
    /// <exception cref="ProdOpsException">It is no such table.</exception>
    public static HAProxyTable Parse(string text)
    {
        var rows = new List<HAProxyRow>();
        var reader = new HAProxyTableReader();
        rows.AddRange(reader.Read(text).Take(MostRows));
        if (rows.Count < MostRows) rows.AddRange(reader.End());
        return new HAProxyTable(rows);
    }
}
