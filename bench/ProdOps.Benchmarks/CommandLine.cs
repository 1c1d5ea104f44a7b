using System.Globalization;

namespace ProdOps.Benchmarks;

/// <summary>A verb, then `--name value` pairs; a name may be given several times.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public CommandLine(IReadOnlyList<string> arguments)
    {
        Verb = arguments.Count > 0 ? arguments[0] : "help";
        for (int i = 1; i < arguments.Count; i += 2)
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

    /// <summary>A misspelt option would otherwise measure something else without a word.</summary>
    public CommandLine Allow(params string[] names)
    {
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
}
