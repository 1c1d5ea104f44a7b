using ProdOps.Logging.Store;

namespace ProdOps.Logging.Formats;

/// <summary>The built-in formats.</summary>
internal sealed class FormatCatalog : IFormatCatalog
{
    public static FormatCatalog BuiltIn { get; } = new();

    public LogFormat Find(string name) => LogFormats.Find(name) ?? LogFormats.Plain;

    public LogFormat Detect(ReadOnlySpan<byte> lines, string name) => FormatDetector.Detect(lines, name);
}
