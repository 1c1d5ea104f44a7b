using System.Globalization;
using ProdOps.Logging.Formats;

namespace ProdOps.Cmdlets;

/// <summary>What the views of tests of log filters show. What a log says goes to the terminal with its controls made visible.</summary>
public static partial class FormatHelper
{
    /// <summary>The fields that a test found, in one line or one on each.</summary>
    /// <param name="test">The test.</param>
    /// <param name="separator">What stands between them.</param>
    public static string FilterFields(LogFilterTest? test, string separator) => test is null ? "" : string.Join(
        separator, test.Fields.Select(field => PlainText.Neutralize($"{field.Key}={Convert.ToString(field.Value, CultureInfo.InvariantCulture)}")));

    /// <summary>A moment as the line has it, with its zone: <c>2026-11-04 00:00:05.123 +01:00</c>.</summary>
    /// <param name="moment">A moment, or nothing.</param>
    public static string ZonedMoment(object? moment) =>
        moment is DateTimeOffset value ? value.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF zzz", CultureInfo.InvariantCulture) : "";
}
