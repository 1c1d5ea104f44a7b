using System.Globalization;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>-Where means what the same script block means in Where-Object.</summary>
[Collection("Logs")]
public sealed class WhereTests : IDisposable
{
    private readonly Engine _engine = new();
    public WhereTests(LogFixture logs) =>
        _engine.Run($"$PSDefaultParameterValues = @{{ 'Search-Log:Store' = '{logs.Store}' }}; $limit = 404; $codes = 500, 502; $moment = [DateTimeOffset]'{LogFixture.Begin.AddSeconds(70):o}'; $name = 'sshd'; $all = @(Search-Log)");

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData("$_.Status -ge 500 -and $_.Path -like '/api/*'")]
    [InlineData("$_.Status -eq '404'")]
    [InlineData("$null -ne $_.Status -and 404 -gt $_.Status")]
    [InlineData("$_.Status -in $codes")]
    [InlineData("$codes -contains $_.Status")]
    [InlineData("$_.Status -notin 200, 302 -and $_.Status")]
    [InlineData("$_.Nothing -in $null, 5")]
    [InlineData("$_.Nothing -eq $null")]
    [InlineData("$_.Bytes -ne $null -and $_.Bytes -gt 1kb * 4")]
    [InlineData("$_.Program -eq $name -and ($_.Message -match 'from (\\S+)' -or $_.ProcessId)")]
    [InlineData("-not ($_.Method -eq 'GET' -or $_.Program)")]
    [InlineData("!$_.ok")]
    [InlineData("$_.ok -eq $true -and $_.amount -gt 12.5")]
    [InlineData("$_.user -eq 'zoë' -or $_.user -ceq 'anna' -or $_.user -eq 'say \"hi\"'")]
    [InlineData("$_.user -like 'c:\\*' -or $_.user -like '`[x*'")]
    [InlineData("$_.user -clike '[A-Z]*'")]
    [InlineData("$_.Level -le 'Error' -and $null -ne $_.Level")]
    [InlineData("$_.Level -in 'Warning', 'Error'")]
    [InlineData("$_.Level -eq 4")]
    [InlineData("$_.Time -gt $moment -and $_.Time -lt $moment.AddSeconds(20)")]
    [InlineData("$_.ClientIp -eq '192.0.2.3' -or $_.ClientIp -like '*.7'")]
    [InlineData("$_.Fields['Status'] -eq 200 -and $_.'Path' -eq '/'")]
    [InlineData("$_.Path -and $_.Path.StartsWith('/api') -and $_.UserAgent.Contains('X11')")]
    [InlineData("$_.Source -eq 'SYSLOG' -and $_.Server -like 'db?'")]
    [InlineData("$_.Raw -cmatch 'HTTP/1\\.1' -and $_.Message -notmatch 'api'")]
    [InlineData("$_.Status -eq 200 -or $_.Status -eq 302 -and $_.Method -eq 'POST'")]
    [InlineData("$PSItem.Status -eq 502")]
    public void A_condition_finds_what_where_object_finds(string condition) => AssertSame(condition, mustFind: true);

    [Fact]
    public void Random_conditions_find_what_where_object_finds()
    {
        var conditions = new RandomConditions(20261120);
        for (int i = 0; i < 100; i++) AssertSame(conditions.Next(2), mustFind: false);
    }

    /// <summary>The few differences that about_ProdOps_Logging names.</summary>
    [Theory]
    [InlineData("$_.Nothing -lt 500", 0)]
    [InlineData("$_.Status -lt 'abc'", 0)]
    [InlineData("$_.Nothing -like '*'", 0)]
    [InlineData("$_.Nothing -notin $null, 5", 0)]
    public void What_is_meant_to_differ_differs(string condition, int count) => Assert.Equal((long)count, _engine.Run($"Search-Log -Count -Where {{ {condition} }}").Single().BaseObject);

    [Fact]
    public void Addresses_have_an_order() =>
        Assert.Equal(_engine.Run("@($all.Where({ $_.ClientIp -and \"$($_.ClientIp)\" -ge '192.0.2.4' })).Count").Single().BaseObject, (int)(long)_engine.Run("Search-Log -Count -Where { $_.ClientIp -ge '192.0.2.4' }").Single().BaseObject);

    [Fact]
    public void Variables_are_those_of_the_function_that_calls() =>
        Assert.Equal(true, _engine.Run("function find($wanted) { Search-Log -Where { $_.Status -eq $wanted } }; $found = @(find 302); $found.Count -gt 0 -and -not $found.Where({ $_.Status -ne 302 })").Single().BaseObject);

    [Theory]
    [InlineData("$_.Status -eq 200 | Out-Null", 1, 1)]
    [InlineData("$_.Status + 1", 1, 2)]
    [InlineData("$_.Status -eq $_.Bytes", 1, 17)]
    [InlineData("Get-Date", 1, 2)]
    [InlineData("$_.Status -eq 1; $_.Status -eq 2", 1, 1)]
    [InlineData("$_.Path.Replace('a', 'b') -eq 'c'", 1, 2)]
    [InlineData("5 -eq 5", 1, 2)]
    public void What_cannot_be_carried_out_there_is_refused_with_its_place_and_the_reason(string condition, int line, int column)
    {
        var error = _engine.Fail($"Search-Log -Where {{ {condition} }}");
        Assert.Equal("LogConditionNotSupported,ProdOps.Cmdlets.Logging.SearchLog", error.FullyQualifiedErrorId);
        Assert.Contains($"line {line}, column", error.Exception.Message, StringComparison.Ordinal);
        Assert.True(column > 0);
        Assert.Contains("Where-Object", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    private void AssertSame(string condition, bool mustFind)
    {
        var both = _engine.Run($"$expected = [string[]]@($all | Where-Object {{ {condition} }} | ForEach-Object Raw); $found = [string[]]@(Search-Log -Raw -Where {{ {condition} }}); , $expected; , $found");
        var (expected, found) = ((string[])both[0].BaseObject, (string[])both[1].BaseObject);
        Assert.True(expected.SequenceEqual(found), string.Create(CultureInfo.InvariantCulture, $"{{ {condition} }}: Where-Object finds {expected.Length}, -Where {found.Length}; first: {expected.Except(found).Concat(found.Except(expected)).FirstOrDefault()}"));
        if (mustFind) Assert.InRange(found.Length, 1, LogFixture.Total - 1 + (condition.Contains("Nothing", StringComparison.Ordinal) ? 1 : 0));
    }
}
