using System.Globalization;

namespace ProdOps.Servers.HAProxy;

/// <summary>A line of HAProxy's table.</summary>
/// <param name="columns">Where each column is.</param>
/// <param name="fields">The line's fields.</param>
internal sealed class HAProxyRow(Dictionary<string, int> columns, HAProxyFields fields)
{
    // Some hundred of them are still a sum.
    private const long Most = long.MaxValue / 4096;

    /// <summary>The frontend or backend.</summary>
    public string Proxy { get; } = fields[0].ToString();

    /// <summary>The server; <c>FRONTEND</c> or <c>BACKEND</c> for the whole.</summary>
    public string Name => this["svname"];

    /// <summary>E.g. <c>UP</c>, <c>UP 1/3</c>, <c>DOWN</c>, <c>MAINT</c>, <c>no check</c>.</summary>
    public string Status => this["status"];

    public bool IsFrontend => Field("type") is "0";

    public bool IsBackend => Field("type") is "1";

    public bool IsServer => Field("type") is "2";

    /// <summary>A field; empty where this version has no such column.</summary>
    public string this[string column] => Field(column).ToString();

    /// <summary>A number; <see langword="null"/> where there is none, or one that no HAProxy counts to.</summary>
    public long? Number(string column) => long.TryParse(Field(column), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < Most ? number : null;

    private ReadOnlySpan<char> Field(string column) => columns.TryGetValue(column, out int index) && index < fields.Count ? fields[index] : default;
}
