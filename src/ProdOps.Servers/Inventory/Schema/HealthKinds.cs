using System.Globalization;
using System.Text.RegularExpressions;
using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>The kinds of values that monitoring's keys take.</summary>
internal static class HealthKinds
{
    private const string LabelRule = "A name has letters, digits, spaces, dots, dashes and underscores, and begins with a letter or a digit.";

    /// <summary>A name for people: <c>db port</c>.</summary>
    public static ValueKind<string> Label { get; } = new("name", static (node, context) =>
        Kinds.ReadText(node, context, "a name in quotes") is not { } text ? null : IsLabel(text) ? text : Kinds.Invalid(node, context, text, LabelRule));

    /// <summary>Names with or without wildcards, with their places.</summary>
    public static ValueKind<IReadOnlyList<Located<string>>> Patterns { get; } = new("name with or without wildcards, or a list of them",
        static (node, context) => Kinds.ReadLocated(node, context, "a name in quotes, or several with commas between them", static _ => null));

    public static ValueKind<HealthThreshold> Threshold { get; } = new("threshold: `'> 85%'`, `'< 10GB'`, `'>= 500ms'`, `'> 3'`", static (node, context) =>
        Kinds.ReadText(node, context, "a threshold in quotes, such as '> 85%'") is not { } text ? null
        : ThresholdText.TryParse(text, out var threshold, out string why) ? threshold
        : Kinds.Invalid<HealthThreshold>(node, context, text, $"Write a comparison and a number with its unit: '> 85%', '< 10GB', '>= 500ms', '> 3'; {why}."));

    /// <summary>A value in a metric's unit: a number, or a text with a unit.</summary>
    public static ValueKind<double?> Amount { get; } = new("number, or one with a unit: `'100%'`, `'10GB'`", static (node, context) =>
        node is not DataScalar { Value: string text } ? ReadNumber(node, context) : ThresholdText.ReadAmount(text.Trim())?.Value ?? Kinds.Invalid<double?>(node, context, text, "Write a number, or one with a unit: '100%', '10GB', '30s'."));

    public static ValueKind<double?> Percent { get; } = new("number from 0 to 100", static (node, context) =>
        ReadNumber(node, context) is not { } number ? null : number is >= 0 and <= 100 ? number : Kinds.Invalid<double?>(node, context, number.ToString(CultureInfo.InvariantCulture), "Write a number from 0 to 100."));

    /// <summary>A duration that is one.</summary>
    public static ValueKind<TimeSpan?> Lasting(TimeSpan least) => new(Kinds.Duration.Name, (node, context) =>
        Kinds.Duration.Read(node, context) is not { } time ? null : time >= least ? time
        : Kinds.Invalid<TimeSpan?>(node, context, (string)((DataScalar)node).Value!, $"Write {HealthThreshold.Format(least.TotalSeconds, "s")} or more."));

    /// <summary>The kind, with <c>{server}</c> for the address of a server that is known later.</summary>
    public static ValueKind<string> OfServer(ValueKind<string> kind) => new(kind.Name, (node, context) =>
    {
        if (node is not DataScalar { Value: string text } || !text.Contains(HealthCheckHosts.ServerPlaceholder, StringComparison.Ordinal)) return kind.Read(node, context);
        return kind.Read(new DataScalar(node.Position, text.Replace(HealthCheckHosts.ServerPlaceholder, "server", StringComparison.Ordinal)), context) is null ? null : text;
    });

    public static ValueKind<TimeOnly?> TimeOfDay { get; } = new("time: `'08:00'`", static (node, context) =>
        Kinds.ReadText(node, context, "a time in quotes, such as '08:00'") is not { } text ? null : QuietHoursText.ParseTime(text) ?? Kinds.Invalid<TimeOnly?>(node, context, text, "Write hours and minutes: '08:00', '22:30'."));

    public static ValueKind<IReadOnlyList<QuietHours>> Quiet { get; } = new("hours, or a list of them: `'22:00-06:00'`, `'Mon-Fri 18:00-08:00'`, `'Sat,Sun'`", static (node, context) =>
    {
        var all = new List<QuietHours>();
        foreach (var item in node is DataList list ? list.Items : [node])
        {
            if (Kinds.ReadText(item, context, "hours in quotes, such as '22:00-06:00'") is not { } text) continue;
            if (QuietHoursText.Parse(text) is { } hours) all.Add(hours);
            else Kinds.Invalid(item, context, text, "Write '22:00-06:00', 'Mon-Fri 18:00-08:00', or 'Sat,Sun' for whole days.");
        }

        return all;
    });

    /// <summary>Several of a few words.</summary>
    public static ValueKind<IReadOnlyList<T>> Choices<T>(params T[] only) where T : struct, Enum
    {
        var one = Kinds.Choice(only);
        return new($"{one.Name}, or a list of them", (node, context) => (node is DataList list ? list.Items : [node]).Select(item => one.Read(item, context)).OfType<T>().ToArray());
    }

    /// <summary>A text with or without line breaks and control characters.</summary>
    public static ValueKind<string> AnyText { get; } = new("text", static (node, context) => node switch
    {
        DataScalar { Value: string { Length: > 0 } text } => text,
        DataScalar { Value: string } => Kinds.ReadText(node, context, ""),
        _ => Kinds.WrongType<string>(node, context, "a text in quotes"),
    });

    /// <summary>A text, or a number as it is written.</summary>
    public static ValueKind<string> Answer { get; } = new("text or number", static (node, context) => node switch
    {
        DataScalar { Value: string } => Kinds.ReadText(node, context, "a text or a number"),
        DataScalar { Value: not (null or bool) and { } number } => Convert.ToString(number, CultureInfo.InvariantCulture),
        _ => Kinds.WrongType<string>(node, context, "a text in quotes or a number"),
    });

    public static ValueKind<string> Expression { get; } = new("regular expression", static (node, context) =>
    {
        if (Kinds.ReadText(node, context, "a regular expression in quotes") is not { } text) return null;
        try
        {
            _ = new Regex(text, RegexOptions.CultureInvariant);
            return text;
        }
        catch (ArgumentException error)
        {
            return Kinds.Invalid(node, context, text, $"Write a regular expression of .NET. {error.Message}");
        }
    });

    /// <summary>Headers of a request. One that gives leave to do something is a secret and does not belong in the file.</summary>
    public static ValueKind<IReadOnlyList<string>> Headers { get; } = new("`'Name: value'`, or a list of them", static (node, context) =>
    {
        var headers = new List<string>();
        foreach (var item in node is DataList list ? list.Items : [node])
        {
            if (Kinds.ReadText(item, context, "a header in quotes, such as 'Accept: text/html'") is not { } text) continue;
            string name = text.Split(':')[0].Trim();
            if (SecretKeys.IsSecretHeader(name)) context.Report(EnvironmentProblems.SecretHeader(item.Position, context.Path, name));
            else if (name.Length < text.Length && name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))) headers.Add(text);
            else Kinds.Invalid(item, context, text, "Write a header as 'Name: value'.");
        }

        return headers;
    });

    /// <summary>The status of a web server that is good, or the lowest and the highest.</summary>
    public static ValueKind<IReadOnlyList<int>> Status { get; } = new("status, or the lowest and the highest: `200`, `200, 399`", static (node, context) =>
    {
        IReadOnlyList<DataNode> items = node is DataList list ? list.Items : [node];
        int[] numbers = [.. items.Select(item => Kinds.Integer(100, 599).Read(item, context)).OfType<int>()];
        if (numbers.Length != items.Count) return null;
        return numbers is [_] || (numbers is [var low, var high] && low <= high) ? numbers
            : Kinds.Invalid<IReadOnlyList<int>>(node, context, string.Join(", ", numbers), "Write the one that is good, or the lowest and the highest.");
    });

    public static bool IsLabel(string text) => text.Length is > 0 and <= 128 && char.IsLetterOrDigit(text[0]) && text[^1] != ' ' && text.All(static c => char.IsLetterOrDigit(c) || c is ' ' or '.' or '-' or '_');

    private static double? ReadNumber(DataNode node, ReadContext context) => node is DataScalar { Value: not (null or bool or string) and { } value }
        && double.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : Kinds.WrongType<double?>(node, context, "a number");
}
