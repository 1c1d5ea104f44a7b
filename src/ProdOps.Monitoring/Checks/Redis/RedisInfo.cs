using System.Globalization;

namespace ProdOps.Monitoring.Checks.Redis;

/// <summary>What Redis tells of itself by <c>INFO</c>: lines of <c>field:value</c>, with <c># Section</c> between.</summary>
internal sealed class RedisInfo
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>Reads it. What is no field is passed over.</summary>
    public static RedisInfo Parse(string text)
    {
        var info = new RedisInfo();
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).TrimEnd('\r');
            int colon = line.IndexOf(':');
            if (colon > 0 && line[0] != '#') info._fields[line[..colon].ToString()] = line[(colon + 1)..].ToString();
        }

        return info;
    }

    public string? Text(string field) => _fields.GetValueOrDefault(field);

    /// <summary>A number; <see langword="null"/> if there is none, or it is none.</summary>
    public double? Number(string field) =>
        double.TryParse(Text(field), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
