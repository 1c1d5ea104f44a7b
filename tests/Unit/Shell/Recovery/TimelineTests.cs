using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.Cmdlets.Tests.Recovery;

/// <summary>Get-Timeline through the built module.</summary>
public sealed class TimelineTests(Monitoring.HistoryFixture history) : IClassFixture<Monitoring.HistoryFixture>
{
    [Fact]
    public void What_monitoring_decided_comes_in_the_order_of_time_with_the_event_that_says_so()
    {
        var told = history.Engine.Run("Get-Timeline -Last 6h -Offline");
        var times = told.Select(one => (DateTimeOffset)one.Properties["Time"].Value).ToList();
        Assert.Equal(times.Order(), times);
        Assert.Contains("Incident", told.Select(one => $"{one.Properties["Kind"].Value}"));
        Assert.Equal("ProdOps.HealthEvent", history.Texts("(Get-Timeline -Last 6h -Offline -Kind Health)[0].Source.GetType().FullName").Single());
        Assert.Equal(["db1"], history.Texts("Get-Timeline -Last 6h -Offline -Kind Health -Server db1 | ForEach-Object { $_.Server }").Distinct());
    }

    [Fact]
    public void Causes_are_ranked_with_their_reasons_before_the_symptom()
    {
        var symptom = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        var ranked = history.Engine.Run($"Get-Timeline -Last 6h -Offline -Cause -Symptom '{symptom:O}'");
        var scores = ranked.Select(one => (double)one.Properties["Score"].Value).ToList();
        Assert.NotEmpty(scores);
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.All(ranked, one => Assert.Contains("s before", $"{one.Properties["Reason"].Value}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Get-Timeline -Around ([DateTimeOffset]::MinValue) -Offline", "TimelineWindowInvalid")]
    [InlineData("Get-Timeline -Around ([DateTimeOffset]::MaxValue) -Offline", "TimelineWindowInvalid")]
    [InlineData("Get-Timeline -After ([DateTimeOffset]::MaxValue) -Offline", "TimelineWindowInvalid")]
    [InlineData("Get-Timeline -After 2026-01-02 -Before 2026-01-01 -Offline", "TimelineWindowInvalid")]
    [InlineData("Get-Timeline -After 2001-01-01 -Before 2001-01-02 -Offline -Cause", "TimelineNoSymptom")]
    public void A_time_that_is_none_or_in_which_nothing_was_wrong_is_an_error(string script, string id) =>
        Assert.Equal($"{id},ProdOps.Cmdlets.Recovery.GetTimeline", history.ErrorOf(script));

    [Fact]
    public void A_server_that_cannot_be_asked_is_a_warning_and_the_rest_is_told()
    {
        using var shell = history.Engine.Shell("Get-Timeline -Last 6h -Server nobody@127.0.0.1:1 -ConnectTimeoutSec 2");
        shell.Invoke();
        Assert.Contains(shell.Streams.Warning, warning => warning.Message.Contains("could not be asked", StringComparison.Ordinal));
        Assert.Empty(shell.Streams.Error);
    }

    [Fact]
    public void A_server_that_monitoring_finds_gone_is_not_asked_and_one_that_does_not_answer_is_not_waited_for_long()
    {
        // Takes connections, and never says anything.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        string servers = string.Join(", ", new[] { "web1", "db1" }.Select(name => $"@{{ Name = '{name}'; Address = '127.0.0.1'; Ssh = @{{ Port = {((IPEndPoint)silent.LocalEndpoint).Port} }} }}"));
        var began = TimeProvider.System.GetUtcNow().AddMinutes(-10);
        using var watched = new Monitoring.HistoryFixture(store =>
        {
            store.AddOpenIncident("web1", began);
            store.Beat();
        });
        File.WriteAllText(Path.Combine(watched.Folder, "environment.psd1"), $"@{{ Name = 'shop'; Servers = {servers}; Monitoring = @{{ Store = './store' }} }}");
        var clock = Stopwatch.StartNew();
        string[] warnings = Warnings(watched.Engine, "Get-Timeline -Last 1h -Cause");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(13), $"It took {clock.Elapsed}.");
        Assert.Contains(warnings, warning => warning.StartsWith("web1 was not asked: monitoring finds that it cannot be reached.", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.StartsWith("db1 could not be asked: ", StringComparison.Ordinal) && warning.Contains("5 s", StringComparison.Ordinal));
        Assert.Equal(2, warnings.Length);
        // Whoever names it wants it to be asked.
        Assert.StartsWith("web1 could not be asked: ", Assert.Single(Warnings(watched.Engine, "Get-Timeline -Last 1h -Server web1 -ConnectTimeoutSec 1")), StringComparison.Ordinal);

        // What a monitor that has ended found may be over.
        using var left = new Monitoring.HistoryFixture(store => store.AddOpenIncident("web1", began));
        File.Copy(Path.Combine(watched.Folder, "environment.psd1"), Path.Combine(left.Folder, "environment.psd1"), overwrite: true);
        Assert.All(Warnings(left.Engine, "Get-Timeline -Last 1h -ConnectTimeoutSec 1"), warning => Assert.Contains("could not be asked: ", warning, StringComparison.Ordinal));

        static string[] Warnings(Engine engine, string script)
        {
            using var shell = engine.Shell(script);
            shell.Invoke();
            return [.. shell.Streams.Warning.Select(warning => warning.Message)];
        }
    }

    [Fact]
    public void This_machine_is_asked_without_a_connection() =>
        Assert.Equal("True", history.Texts("$e = @(Get-Timeline -After 2001-01-01 -Server localhost); ($e.Kind -contains 'Reboot').ToString()").Single());
}
