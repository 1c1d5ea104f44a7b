using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Formats;

/// <summary>Chooses how the lines of a batch are read, for the store and for engines alike.</summary>
internal static class BatchFormat
{
    // A detector that sees fewer lines is guessing; the format of the lines before is the better guess.
    private const int EnoughLines = 20;

    /// <param name="batch">The lines.</param>
    /// <param name="before">The name of the format of the stream's lines before, or <see langword="null"/> if they are the first.</param>
    /// <param name="formats">The formats there are.</param>
    public static LogFormat Of(LogBatch batch, string? before, IFormatCatalog formats) =>
        formats.Find(MultiLineFormat.NameOf(batch.Format ?? Detect(batch, before, formats), batch.MultiLine));

    private static string Detect(LogBatch batch, string? before, IFormatCatalog formats)
    {
        var lines = batch.Lines.Span;
        if (before is not null && lines.Count((byte)'\n') < EnoughLines) return before;
        string found = formats.Detect(lines[..Math.Min(lines.Length, FormatDetector.SampleSize)], batch.Stream.Source).Name;
        return before is not null && found == LogFormats.Plain.Name ? before : found;
    }
}
