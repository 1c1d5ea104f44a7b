using ProdOps.Logging.Collecting;
using ProdOps.Servers.Inventory;

namespace ProdOps.Logging.Store;

/// <summary>What is kept of each stream, and of all together.</summary>
/// <param name="OfStream">What is kept of a stream.</param>
/// <param name="TotalSize">How many bytes all segments together may have; <see langword="null"/> for no limit.</param>
internal sealed record RetentionRules(Func<LogStream, RetentionRule> OfStream, long? TotalSize)
{
    /// <summary>What an environment says; <see langword="null"/> if it says nothing. What a source says itself comes before what is said of all.</summary>
    public static RetentionRules? Of(LoggingOptions? options)
    {
        if (options is null || (options.Retention is null && options.MaxSize is null && options.Sources.All(source => source.Retention is null && source.MaxSize is null))) return null;
        return new RetentionRules(
            stream =>
            {
                var source = options.Sources.FirstOrDefault(source => NamePattern.IsMatch(source.Name, stream.Source));
                return new RetentionRule(source?.Retention ?? options.Retention, source?.MaxSize);
            },
            options.MaxSize);
    }
}
