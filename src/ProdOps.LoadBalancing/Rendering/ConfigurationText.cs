using System.Buffers;
using System.Globalization;
using System.Text;

namespace ProdOps.LoadBalancing.Rendering;

/// <summary>
/// A configuration in the making. What comes from an environment gets in as words alone, and a word that HAProxy, nginx or keepalived could take for more than one
/// is refused here too, whoever made the entry.
/// </summary>
internal sealed class ConfigurationText
{
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(" \t\r\n\v\f\0\"'`;{}#\\$|<>");

    private readonly StringBuilder _text = new();

    /// <summary>A line of our own, in which values stand that went through <see cref="Word"/>.</summary>
    public ConfigurationText Line(string line, int indent = 0)
    {
        _text.Append(' ', indent * 4).Append(line).Append('\n');
        return this;
    }

    public ConfigurationText Blank() => Line("");

    /// <summary>Lines of the admin's own, as they are.</summary>
    public ConfigurationText Lines(IEnumerable<string> lines, int indent)
    {
        foreach (string line in lines) Line(line.AsSpan().ContainsAny('\n', '\r', '\0') ? throw LoadBalancingErrors.ValueUnsafe(line) : line.Trim(), indent);
        return this;
    }

    /// <summary>A value as one word.</summary>
    /// <exception cref="ProdOpsException">It cannot be one.</exception>
    public static string Word(string value) =>
        value.Length > 0 && !value.AsSpan().ContainsAny(Unsafe) && !value.Any(char.IsControl) ? value : throw LoadBalancingErrors.ValueUnsafe(value);

    /// <summary>A duration in milliseconds, as all three take it.</summary>
    public static string Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "ms";

    /// <summary>An address before a port.</summary>
    public static string Host(string address) => address.Contains(':') ? $"[{Word(address)}]" : Word(address);

    public override string ToString() => _text.ToString();
}
