using System.Globalization;

namespace ProdOps.LoadBalancing.HAProxy.Replies;

/// <summary>What <c>show info</c> says: lines of <c>Name: value</c>. Which there are depends on the version.</summary>
internal sealed class HAProxyInfo
{
    private const int MostFields = 1000;

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>A field; empty where this version has none of the name.</summary>
    public string this[string name] => _fields.GetValueOrDefault(name, "");

    public long? Number(string name) => long.TryParse(this[name], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>Reads it.</summary>
    /// <returns><see langword="null"/> if it is nothing of HAProxy's.</returns>
    public static HAProxyInfo? Parse(string text)
    {
        var info = new HAProxyInfo();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(": ");
            if (colon > 0 && info._fields.Count < MostFields) info._fields.TryAdd(line[..colon].ToString(), line[(colon + 2)..].Trim().ToString());
        }

        return info["Version"].Length > 0 ? info : null;
    }
}
