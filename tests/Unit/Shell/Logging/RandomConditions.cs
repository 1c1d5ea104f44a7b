using System.Globalization;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>Conditions on the fixture's fields, from a seed. Orderings of fields that may be missing are guarded: there the two are meant to differ.</summary>
internal sealed class RandomConditions(int seed)
{
    private readonly Random _random = new(seed);

    public string Next(int depth)
    {
        if (depth == 0 || _random.Next(4) == 0) return Comparison();
        string left = Next(depth - 1), right = Next(depth - 1);
        return _random.Next(5) switch
        {
            0 => $"-not ({left})",
            1 => $"({left}) -or {right}",
            2 => $"{left} -and {right}",
            3 => $"({left} -and {right})",
            _ => $"{left} -or {right}",
        };
    }

    private string Comparison() => _random.Next(9) switch
    {
        0 or 1 => OfNumber(),
        2 or 3 or 4 => OfText(),
        5 => Pick("$_.ok", "-not $_.ok", "$_.ok -eq $true", "$_.ok -ne $false", "$_.Method", "!$_.ProcessId"),
        6 => $"$_.Level {Pick("-eq", "-ne")} '{Pick("Error", "Warning", "Informational", "debug")}'",
        7 => $"{Field("Status", "number")} {Pick("-in", "-notin")} {Pick("200, 404", "@(3, 500)", "$codes", "'200', 'x'")}",
        _ => Pick("$_.Server -eq 'web1'", "$_.Source -like '*s*'", "$_.Time -lt $moment", "$_.Source -notmatch '^n'", "$_.ClientIp -eq '192.0.2.5'", "$_.ClientIp -notlike '*.3'"),
    };

    private string OfNumber()
    {
        string field = Field("Status", "Bytes", "number", "amount", "ProcessId"), value = Pick("200", "$limit", "4.5", "'5'", "-1", "1kb", "(100 + 400)", "0");
        return _random.Next(3) == 0 ? $"{field} {Pick("-eq", "-ne")} {value}" : $"($null -ne {field} -and {field} {Pick("-lt", "-le", "-gt", "-ge")} {value})";
    }

    private string OfText()
    {
        string field = Field("Method", "Path", "UserAgent", "Program", "user", "msg", "Message", "Raw");
        return _random.Next(4) switch
        {
            0 => $"{field} {Pick("-eq", "-ne", "-ceq", "-cne")} '{Pick("GET", "post", "/api/users", "sshd", "Anna", "zoë", "order placed")}'",
            1 => $"{field} {Pick("-like", "-notlike", "-clike", "-cnotlike")} '{Pick("/api/*", "*a*", "?e*", "*[0-9]", "curl*", "S*d", "*\"*")}'",
            2 => $"{field} {Pick("-match", "-notmatch", "-cmatch", "-cnotmatch")} '{Pick("^/api", "o.*r", "[A-Z]{2}", "\\d+$", "error|refused", "(?i)SSHD")}'",
            _ => $"{field} {Pick("-in", "-notin", "-cin", "-cnotin")} 'GET', 'sshd', 'anna', '{_random.Next(9).ToString(CultureInfo.InvariantCulture)}'",
        };
    }

    private string Field(params string[] names) => "$_." + names[_random.Next(names.Length)];

    private string Pick(params string[] values) => values[_random.Next(values.Length)];
}
