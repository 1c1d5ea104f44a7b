using System.Globalization;

namespace ProdOps.Benchmarks;

/// <summary>A verb, its operands, then `--name value` pairs; a name may be given several times.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public CommandLine(IReadOnlyList<string> arguments)
    {
        Verb = arguments.Count > 0 ? arguments[0] : "help";
        int first = 1;
        while (first < arguments.Count && !arguments[first].StartsWith("--", StringComparison.Ordinal))
            first++;
        Operands = [.. arguments.Skip(1).Take(first - 1)];
        for (int i = first; i < arguments.Count; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == arguments.Count)
                throw new UsageException($"'{arguments[i]}' is not an option with a value.");
            string name = arguments[i][2..];
            if (!_values.TryGetValue(name, out var values))
                _values[name] = values = [];
            values.Add(arguments[i + 1]);
        }
    }

    public string Verb { get; }

    /// <summary>What stands between the verb and the first option.</summary>
    public IReadOnlyList<string> Operands { get; }

    /// <summary>A misspelt option would otherwise measure something else without a word.</summary>
    public CommandLine Allow(params string[] names) => AllowOperands(0, names);

    public CommandLine AllowOperands(int operands, params string[] names)
    {
        if (Operands.Count > operands)
            throw new UsageException($"'{Operands[operands]}' is not an option with a value.");
        foreach (string name in _values.Keys.Except(names))
            throw new UsageException($"'{Verb}' has no option '--{name}'; it has {string.Join(", ", names.Select(known => "--" + known))}.");
        return this;
    }

    public IReadOnlyList<string> All(string name) => _values.TryGetValue(name, out var values) ? values : [];

    public string Text(string name, string otherwise) => All(name) is [.., var last] ? last : otherwise;

    public string[] List(string name, string otherwise) => Text(name, otherwise).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public int Count(string name, int otherwise) => (int)Number(name, otherwise);

    public ulong Seed(string name, ulong otherwise) => (ulong)Number(name, otherwise);

    public double Number(string name, double otherwise)
    {
        if (All(name) is not [.., var last])
            return otherwise;
        return double.TryParse(last, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number > 0
            ? number
            : throw new UsageException($"'--{name} {last}' is not a number above 0.");
    }

    /// <summary>A number of bytes: `4GB`, `600MB`.</summary>
    public long Size(string name, string otherwise)
    {
        string text = Text(name, otherwise);
        long unit = text.EndsWith("GB", StringComparison.OrdinalIgnoreCase) ? 1_000_000_000 : text.EndsWith("MB", StringComparison.OrdinalIgnoreCase) ? 1_000_000 : 0;
        return unit > 0 && double.TryParse(text[..^2], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number > 0
            ? (long)(number * unit)
            : throw new UsageException($"'--{name} {text}' is not a size: 600MB, 4GB.");
    }
}
