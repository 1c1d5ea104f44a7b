using System.Collections.Concurrent;
using ProdOps.Logging.Grok;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Formats;

/// <summary>The built-in formats, and before them the user's own. A filter is compiled when it is first asked for.</summary>
internal sealed class FormatCatalog : IFormatCatalog
{
    private readonly IReadOnlyList<(string Name, Lazy<GrokFormat> Format)> _own;
    private readonly Action<ProdOpsException>? _report;
    private readonly HashSet<string> _reported = [];

    // Formats with a rule of a source; one object for each, since readers keep what they made for a format.
    private readonly ConcurrentDictionary<string, LogFormat> _ruled = new(StringComparer.Ordinal);

    private FormatCatalog(IReadOnlyList<LogFilterDefinition> filters, Action<ProdOpsException>? report)
    {
        _own = [.. filters.Select(static filter => (filter.Name, new Lazy<GrokFormat>(() => GrokFormat.Create(filter))))];
        _report = report;
    }

    public static FormatCatalog BuiltIn { get; } = new([], null);

    public IReadOnlyList<string> Names => [.. _own.Select(static filter => filter.Name), .. LogFormats.All.Select(static format => format.Name)];

    /// <summary>The built-in formats and these filters.</summary>
    /// <param name="filters">The user's filters.</param>
    /// <param name="report">Is told, once for each, of filters that cannot be used and without which reading goes on.</param>
    public static FormatCatalog Of(IReadOnlyList<LogFilterDefinition> filters, Action<ProdOpsException>? report = null) => filters.Count == 0 ? BuiltIn : new(filters, report);

    public LogFormat Find(string name)
    {
        try
        {
            return TryFind(name) ?? LogFormats.Plain;
        }
        catch (ProdOpsException error)
        {
            lock (_reported)
            {
                if (!_reported.Add(name)) return Otherwise(name);
            }

            _report?.Invoke(error);
            return Otherwise(name);
        }
    }

    public LogFormat Get(string name) => TryFind(name) ?? throw LoggingErrors.FormatUnknown(name, Names);

    public LogFormat Detect(ReadOnlySpan<byte> lines, string name) => FormatDetector.Detect(lines, name);

    private LogFormat? TryFind(string name)
    {
        if (FindOwn(name) is { } own) return own;
        if (LogFormats.Find(name) is { } known) return known;
        if (MultiLineFormat.Split(name) is not (var inner, { } rule)) return null;
        if (_ruled.TryGetValue(name, out var ruled)) return ruled;
        return TryFind(inner) is { } format ? _ruled.GetOrAdd(name, new MultiLineFormat(format, rule)) : null;
    }

    /// <summary>What is left of a format that cannot be used: without its rule it may.</summary>
    private LogFormat Otherwise(string name) => MultiLineFormat.Split(name) is (var inner, { }) ? Find(inner) : LogFormats.Plain;

    private GrokFormat? FindOwn(string name)
    {
        foreach (var (own, format) in _own)
        {
            if (own.Equals(name, StringComparison.OrdinalIgnoreCase)) return format.Value;
        }

        return null;
    }
}
