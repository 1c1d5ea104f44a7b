using System.Globalization;
using System.Numerics;
using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>The kinds of plain values that keys take.</summary>
internal static class Kinds
{
    public static ValueKind<string> Text { get; } = new("text", static (node, context) => ReadText(node, context, "a text in quotes"));

    /// <summary>A text or several; a list even where one stands.</summary>
    public static ValueKind<IReadOnlyList<string>> Texts { get; } = new("text, or a list of texts",
        static (node, context) => ReadLocated(node, context, "a text in quotes, or several with commas between them", static _ => null) is { } items ? items.Select(item => item.Value).ToArray() : null);

    /// <summary>Names, with their places: of roles, groups, servers.</summary>
    public static ValueKind<IReadOnlyList<Located<string>>> Names { get; } = new("name, or a list of names",
        static (node, context) => ReadLocated(node, context, "a name in quotes, or several with commas between them", static text => IsName(text) ? null : NameRule));

    /// <summary>Names of servers, or <c>role:…</c> and <c>group:…</c>.</summary>
    public static ValueKind<IReadOnlyList<Located<string>>> ServerNames { get; } = new("server, `role:NAME` or `group:NAME`, or a list of them",
        static (node, context) => ReadLocated(node, context, "the name of a server in quotes, or several with commas between them", static text => text.Length > 0 ? null : NameRule));

    public static ValueKind<string> Name { get; } = new("name", static (node, context) =>
        ReadText(node, context, "a name in quotes") is not { } text ? null : IsName(text) ? text : Invalid(node, context, text, NameRule));

    public static ValueKind<string> Host { get; } = new("host name or IP address", static (node, context) =>
        ReadText(node, context, "a host name or an IP address in quotes") is not { } text ? null
        : HostReference.IsHostOrAddress(text) ? text
        : Invalid(node, context, text, "A host's name or an IP address stands alone; user and port have keys of their own: Ssh = @{ User = …; Port = … }."));

    public static ValueKind<bool?> Boolean { get; } = new("`$true` or `$false`", static (node, context) =>
        node is DataScalar { Value: bool value } ? value : WrongType<bool?>(node, context, "$true or $false"));

    public static ValueKind<TimeSpan?> Duration { get; } = new("duration: `'300ms'`, `'15m'`, `'1h30m'`, `'90d'`", static (node, context) =>
        ReadText(node, context, DurationType) is not { } text ? null : Quantity.ParseDuration(text) ?? Invalid<TimeSpan?>(node, context, text, $"Write {DurationType}."));

    public static ValueKind<double?> Percentage { get; } = new("percentage: `'99.9%'`", static (node, context) =>
        ReadText(node, context, PercentageType) is not { } text ? null : Quantity.ParsePercentage(text) ?? Invalid<double?>(node, context, text, $"Write {PercentageType}."));

    /// <summary>Bytes: a text with a unit, or a number as PowerShell has it (10GB).</summary>
    public static ValueKind<long?> Size { get; } = new("size: `10GB`, `'512 KiB'`", static (node, context) => node switch
    {
        DataScalar { Value: string text } => Quantity.ParseSize(text) ?? Invalid<long?>(node, context, text, "Write a number of bytes, or one with a unit: 10GB, '512 KiB'."),
        _ => WholeNumber(node) is { } number && number >= 0 && number <= long.MaxValue ? (long)number : WrongType<long?>(node, context, "a size such as 10GB"),
    });

    /// <summary>A size as a limit. 0 means no limit to one and nothing at all to another: nobody's logs are to go by that.</summary>
    public static ValueKind<long?> SizeLimit { get; } = new(Size.Name, static (node, context) =>
        Size.Read(node, context) is not { } size ? null : size > 0 ? size : Invalid<long?>(node, context, "0", "Write a size above 0, or leave the key out: then there is no limit."));

    public static ValueKind<int?> Integer(int least, int most) => new($"number from {least} to {most}", (node, context) =>
        WholeNumber(node) is not { } number ? WrongType<int?>(node, context, $"a whole number from {least} to {most}, without quotes")
        : number >= least && number <= most ? (int)number : Invalid<int?>(node, context, number.ToString(CultureInfo.InvariantCulture), $"Write a number from {least} to {most}."));

    /// <summary>A path; a relative one is below the folder of the file that names it. <c>~</c> is left to who opens it.</summary>
    public static ValueKind<string> Path { get; } = new("path", static (node, context) => ReadText(node, context, "a path in quotes") is { } text ? PathOf(text, node) : null);

    /// <summary>A path in full, <c>~</c> included; a relative one is below the folder of the file that names it.</summary>
    public static ValueKind<string> FullPath { get; } = new("path", static (node, context) => ReadText(node, context, "a path in quotes") is { } text ? FullPathOf(text, node) : null);

    /// <summary>A time zone by its IANA name.</summary>
    public static ValueKind<string> Zone { get; } = new("time zone: `'Europe/Berlin'`", static (node, context) =>
        ReadText(node, context, "a time zone in quotes") is not { } text ? null
        : TimeZoneInfo.TryFindSystemTimeZoneById(text, out _) ? text : Invalid(node, context, text, "Write a zone by its IANA name: 'Europe/Berlin', 'America/New_York', 'UTC'."));

    /// <summary>One of a few words: all of the type, or those that are given.</summary>
    public static ValueKind<T?> Choice<T>(params T[] only) where T : struct, Enum
    {
        string[] words = only.Length == 0 ? Enum.GetNames<T>() : [.. only.Select(word => word.ToString())];
        string rule = $"Write one of {string.Join(", ", words.Select(word => $"'{word}'"))}.";
        return new(string.Join(", ", words.Select(word => $"`'{word}'`")), (node, context) => ReadText(node, context, "a word in quotes") is not { } text ? null
            : words.Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(text, ignoreCase: true) : Invalid<T?>(node, context, text, rule));
    }

    public static ValueKind<IReadOnlyList<string>> Paths { get; } = new("path, or a list of paths",
        static (node, context) => ReadLocated(node, context, "a path in quotes, or several with commas between them", static _ => null) is { } items ? items.Select(item => PathOf(item.Value, node)).ToArray() : null);

    private const string NameRule = "A name has letters, digits, dots, dashes and underscores, and begins with a letter or a digit.";
    private const string DurationType = "a duration in quotes, with a unit: '300ms', '10s', '15m', '1h30m', '90d'";
    private const string PercentageType = "a percentage in quotes, with its sign: '99.9%'";

    public static T? WrongType<T>(DataNode node, ReadContext context, string expected)
    {
        context.Report(EnvironmentProblems.WrongType(node.Position, LastKey(context), expected, node.Kind));
        return default;
    }

    public static bool IsName(string text) => text.Length is > 0 and <= 128 && char.IsLetterOrDigit(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>The path in full, below the folder of the file it stands in. What OpenSSH expands, and its word <c>none</c>, stay as they are.</summary>
    public static string PathOf(string text, DataNode node) =>
        text[0] is '~' or '%' or '$' || text.Equals("none", StringComparison.OrdinalIgnoreCase) ? text : System.IO.Path.GetFullPath(text, FolderOf(node));

    /// <summary>The path in full, with <c>~</c> for the home folder.</summary>
    public static string FullPathOf(string text, DataNode node) => text == "~" || text.StartsWith("~/", StringComparison.Ordinal)
        ? System.IO.Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), text[1..]) : System.IO.Path.GetFullPath(text, FolderOf(node));

    public static string? ReadText(DataNode node, ReadContext context, string expected)
    {
        if (node is not DataScalar { Value: string text }) return WrongType<string>(node, context, expected);
        if (text.Length > 0 && !text.Any(char.IsControl)) return text;
        context.Report(EnvironmentProblems.EmptyText(node.Position, LastKey(context)));
        return null;
    }

    private static string FolderOf(DataNode node) => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(node.Position.File)) ?? "/";

    private static BigInteger? WholeNumber(DataNode node) => node is DataScalar { Value: { } value } ? value switch
    {
        sbyte or byte or short or ushort or int or uint or long or ulong => BigInteger.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!, CultureInfo.InvariantCulture),
        BigInteger number => number,
        decimal number when decimal.IsInteger(number) => (BigInteger)number,
        double number when double.IsInteger(number) => (BigInteger)number,
        _ => null,
    } : null;

    public static IReadOnlyList<Located<string>>? ReadLocated(DataNode node, ReadContext context, string expected, Func<string, string?> rule)
    {
        var items = new List<Located<string>>();
        foreach (var item in node is DataList list ? list.Items : [node])
        {
            if (ReadText(item, context, expected) is not { } text) continue;
            if (rule(text) is { } broken) Invalid(item, context, text, broken);
            else items.Add(new(text, item.Position));
        }

        return items;
    }

    public static string? Invalid(DataNode node, ReadContext context, string text, string rule) => Invalid<string>(node, context, text, rule);

    public static T? Invalid<T>(DataNode node, ReadContext context, string text, string rule)
    {
        context.Report(EnvironmentProblems.InvalidValue(node.Position, LastKey(context), text, rule));
        return default;
    }

    public static string LastKey(ReadContext context) => context.Path[(context.Path.LastIndexOf('.') + 1)..];
}
