using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Formats;

/// <summary>Chooses how the lines of a batch are read, for the store and for engines alike.</summary>
internal static class BatchFormat
{
    /// <summary>What fewer bytes were taken for is not for good: a program may have said something else when it started, or nothing at all.</summary>
    public const long FewBytes = 16 * 1024;

    // A detector that sees fewer lines is guessing; the format of the lines before is the better guess.
    private const int EnoughLines = 20;

    /// <param name="batch">The lines.</param>
    /// <param name="before">The name of the format of the stream's lines before, or <see langword="null"/> if they are the first.</param>
    /// <param name="formats">The formats there are.</param>
    public static LogFormat Of(LogBatch batch, string? before, IFormatCatalog formats) =>
        formats.Find(MultiLineFormat.NameOf(batch.Format ?? Detect(batch, before, formats), batch.MultiLine));

    /// <summary>The format that lines show to be the right one where those before, fewer than these, were taken for a less specific one.</summary>
    /// <param name="batch">The lines.</param>
    /// <param name="before">The name of the format of the lines before.</param>
    /// <param name="length">How many bytes the lines before have.</param>
    /// <param name="formats">The formats there are.</param>
    /// <returns><see langword="null"/> if those before are no reason to doubt their format.</returns>
    public static LogFormat? Correct(LogBatch batch, string before, long length, IFormatCatalog formats)
    {
        if (batch.Format is not null || length >= FewBytes || batch.Lines.Length < length || batch.Lines.IsEmpty) return null;
        string found = Sample(batch, formats);
        // Only what is more specific: so it comes to an end, however the lines change.
        return FormatRank.IsMoreSpecific(found, MultiLineFormat.Split(before).Inner) ? formats.Find(MultiLineFormat.NameOf(found, batch.MultiLine)) : null;
    }

    private static string Detect(LogBatch batch, string? before, IFormatCatalog formats)
    {
        var lines = batch.Lines.Span;
        if (before is not null && lines.Count((byte)'\n') < EnoughLines) return before;
        string found = Sample(batch, formats);
        return before is not null && found == LogFormats.Plain.Name ? before : found;
    }

    private static string Sample(LogBatch batch, IFormatCatalog formats) =>
        formats.Detect(batch.Lines.Span[..Math.Min(batch.Lines.Length, FormatDetector.SampleSize)], batch.Stream.Source).Name;
}
