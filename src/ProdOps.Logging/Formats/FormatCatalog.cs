using ProdOps.Logging.Grok;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Formats;

/// <summary>The built-in formats, and before them the user's own. A filter is compiled when it is first asked for.</summary>
internal sealed class FormatCatalog : IFormatCatalog
{
    private readonly IReadOnlyList<(string Name, Lazy<GrokFormat> Format)> _own;
    private readonly Action<ProdOpsException>? _report;
    private readonly HashSet<string> _reported = [];

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
            return FindOwn(name) ?? LogFormats.Find(name) ?? LogFormats.Plain;
        }
        catch (ProdOpsException error)
        {
            lock (_reported)
            {
                if (!_reported.Add(name)) return LogFormats.Plain;
            }

            _report?.Invoke(error);
            return LogFormats.Plain;
        }
    }

    public LogFormat Get(string name) => FindOwn(name) ?? LogFormats.Find(name) ?? throw LoggingErrors.FormatUnknown(name, Names);

    public LogFormat Detect(ReadOnlySpan<byte> lines, string name) => FormatDetector.Detect(lines, name);

    private GrokFormat? FindOwn(string name)
    {
        foreach (var (own, format) in _own)
        {
            if (own.Equals(name, StringComparison.OrdinalIgnoreCase)) return format.Value;
        }

        return null;
    }
}
