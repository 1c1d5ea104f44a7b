namespace ProdOps.Logging.Searching;

/// <summary>What answers queries, and what is given back when they are answered.</summary>
internal readonly record struct OpenSearch(ILogSearch Search, IDisposable Owner) : IDisposable
{
    public void Dispose() => Owner.Dispose();
}
