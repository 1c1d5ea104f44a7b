using System.Globalization;
using System.Text.RegularExpressions;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Plans;

/// <summary>The kinds of values that a plan's keys take, beside those of the environment's file. What becomes an argument of a program on a server cannot be taken for an option.</summary>
internal static partial class PlanKinds
{
    /// <summary>A full path on a server.</summary>
    public static ValueKind<string> ServerPath { get; } = new("full path on the server", static (node, context) =>
        Kinds.ReadText(node, context, "a full path in quotes") is not { } text ? null : PathRule(text) is { } rule ? Kinds.Invalid(node, context, text, rule) : text);

    public static ValueKind<IReadOnlyList<string>> ServerPaths { get; } = List("full path on the server, or a list of them", "a full path in quotes", PathRule);

    /// <summary>Packages, each with or without a version.</summary>
    public static ValueKind<IReadOnlyList<string>> Packages { get; } = List("package, or a list of them: `'nginx'`, `'nginx=1.22.1-9'`", "a package in quotes",
        static text => PackagePattern().IsMatch(text) ? null : "Write the package's name, or name=version.");

    public static ValueKind<IReadOnlyList<string>> Units { get; } = List("unit of systemd, or a list of them", "a unit in quotes",
        static text => UnitPattern().IsMatch(text) ? null : "Write the unit's name: 'nginx', 'backup.timer'.");

    /// <summary>The name of a user or a group.</summary>
    public static ValueKind<string> Account { get; } = new("name", static (node, context) =>
        Kinds.ReadText(node, context, "a name in quotes") is not { } text ? null : AccountRule(text) is { } rule ? Kinds.Invalid(node, context, text, rule) : text);

    public static ValueKind<IReadOnlyList<string>> Accounts { get; } = List("name, or a list of names", "a name in quotes", AccountRule);

    /// <summary>Permissions, kept as four octal digits.</summary>
    public static ValueKind<string> Mode { get; } = new("permissions: `'0644'`", static (node, context) =>
        Kinds.ReadText(node, context, "octal digits in quotes, such as '0644'") is not { } text ? null
        : text.Length is 3 or 4 && text.All(static c => c is >= '0' and <= '7') ? text.PadLeft(4, '0') : Kinds.Invalid(node, context, text, "Write three or four octal digits: '0644', '2775'."));

    /// <summary>A text that may be empty and have any number of lines.</summary>
    public static ValueKind<string> Content { get; } = new("text", static (node, context) => node is DataScalar { Value: string text } ? text : Kinds.WrongType<string>(node, context, "a text in quotes"));

    /// <summary>A moment with its offset from UTC, so that it means the same everywhere.</summary>
    public static ValueKind<DateTimeOffset?> Moment { get; } = new("moment: `'2026-11-27T14:03:00Z'`", static (node, context) =>
        Kinds.ReadText(node, context, "a moment in quotes") is not { } text ? null
        : OffsetPattern().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment
        : Kinds.Invalid<DateTimeOffset?>(node, context, text, "Write a moment with its offset from UTC: '2026-11-27T14:03:00Z', '2026-11-27T15:03:00+01:00'."));

    public static ValueKind<long?> Number { get; } = new("number", static (node, context) => Kinds.Integer(0, int.MaxValue).Read(node, context));

    /// <summary>Secrets by the names of the variables that hold them for a command.</summary>
    public static ValueKind<IReadOnlyDictionary<string, SecretReference>> Secrets { get; } = new("table of secrets by the names of variables, see Secrets", static (node, context) =>
    {
        if (node is not DataTable table) return Kinds.WrongType<IReadOnlyDictionary<string, SecretReference>>(node, context, "a table @{ NAME = @{…} }");
        var secrets = new Dictionary<string, SecretReference>(StringComparer.Ordinal);
        foreach (var entry in table.Entries)
        {
            if (!VariablePattern().IsMatch(entry.Name)) Kinds.Invalid(entry.Value, context.Below("Secrets"), entry.Name, "The name of a variable has letters, digits and underscores, and does not begin with a digit.");
            else if (SecretKeys.Kind.Read(entry.Value, context.Below(entry.Name)) is { } secret) secrets[entry.Name] = secret;
        }

        return secrets;
    });

    /// <summary>Commands and checks: a text is a command that must end with 0.</summary>
    public static ValueKind<IReadOnlyList<HealthCheckDefinition>> Checks { get; } = new("command that must end with 0, a table as in Verify, or a list of them", static (node, context) =>
    {
        var checks = new List<HealthCheckDefinition>();
        foreach (var item in node is DataList list ? list.Items : [node])
        {
            if (item is DataScalar { Value: string }) AddCommand(item, context, checks);
            else if (item is DataTable table) PlanChecks.Add(table, context, checks);
            else Kinds.WrongType<object>(item, context, "a command in quotes, or a table @{…}");
        }

        return checks;
    });

    private static void AddCommand(DataNode node, ReadContext context, List<HealthCheckDefinition> checks)
    {
        if (HealthKinds.AnyText.Read(node, context) is { } text) checks.Add(new HealthCheckDefinition { Name = "", Kind = HealthCheckKind.Script, Target = text });
    }

    private static ValueKind<IReadOnlyList<string>> List(string name, string expected, Func<string, string?> rule) =>
        new(name, (node, context) => Kinds.ReadLocated(node, context, expected, rule) is { } items ? items.Select(item => item.Value).ToArray() : null);

    private static string? PathRule(string text) => text[0] == '/' && !text.Split('/').Contains("..") ? null : "Write the path in full, from / on and without .. in it.";

    private static string? AccountRule(string text) => AccountPattern().IsMatch(text) ? null : "A user's or group's name begins with a letter or _, and has letters, digits, dots, dashes and underscores.";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9+._-]*(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?\z")]
    private static partial Regex PackagePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*\z")]
    private static partial Regex UnitPattern();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_.-]*\$?\z")]
    private static partial Regex AccountPattern();

    [GeneratedRegex(@"(Z|[+-]\d\d:\d\d)\z")]
    private static partial Regex OffsetPattern();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariablePattern();
}
