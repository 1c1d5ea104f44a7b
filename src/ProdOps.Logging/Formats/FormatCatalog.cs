using ProdOps.Logging.Store;

namespace ProdOps.Logging.Formats;

/// <summary>The built-in formats, and before them the user's own.</summary>
internal sealed class FormatCatalog : IFormatCatalog
{
    private readonly IReadOnlyList<LogFormat> _own;

    private FormatCatalog(IReadOnlyList<LogFormat> own) => _own = own;

    public static FormatCatalog BuiltIn { get; } = new([]);

    public IReadOnlyList<string> Names => [.. _own.Concat(LogFormats.All).Select(format => format.Name)];

    public static FormatCatalog Of(IReadOnlyList<LogFilterDefinition> filters) => filters.Count == 0 ? BuiltIn : BuiltIn;

    public LogFormat Find(string name) =>
        _own.FirstOrDefault(format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? LogFormats.Find(name) ?? LogFormats.Plain;

    public LogFormat Detect(ReadOnlySpan<byte> lines, string name) => FormatDetector.Detect(lines, name);
}
