namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Measure-HealthStatus through the built module.</summary>
public sealed class MeasureHealthStatusTests(HistoryFixture history) : IClassFixture<HistoryFixture>
{
    [Fact]
    public void Servers_come_the_least_available_first_and_the_environment_last()
    {
        var all = Run("Measure-HealthStatus -Objective 99.9%");
        Assert.Equal(["web1", "db1", ""], all.Select(one => (string)one.Server));
        Assert.All(all, one => Assert.Equal("shop", (string)one.Environment));
        dynamic web = all[0], db = all[1], shop = all[2];
        Assert.Equal((0.0, 1, 1, false), ((double)web.Availability, (int)web.Outages, (int)web.Incidents, (bool)web.MeetsObjective));
        Assert.InRange((TimeSpan)web.Down, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30));
        Assert.Equal((TimeSpan)web.Down, (TimeSpan)web.LongestOutage);
        Assert.Equal((TimeSpan)web.Down, (TimeSpan)web.MeanTimeToRepair);
        Assert.Equal(((TimeSpan)web.Down).TotalSeconds * -0.999, ((TimeSpan)web.BudgetLeft).TotalSeconds, 0.01);
        // A full disk is no outage, unless somebody says so.
        Assert.Equal((1.0, 0, 1, true), ((double)db.Availability, (int)db.Outages, (int)db.Incidents, (bool)db.MeetsObjective));
        Assert.Equal(["service"], ((IEnumerable<string>)db.Checks).ToArray());
        Assert.Equal((TimeSpan)web.Down, (TimeSpan)shop.Down);
        Assert.Equal(2, (int)shop.Incidents);
    }

    [Fact]
    public void Which_failures_are_outages_can_be_said_and_which_time_is_meant()
    {
        dynamic db = Assert.Single(Run("Measure-HealthStatus db1 -Check disk.*"));
        Assert.Equal((TimeSpan.FromMinutes(30), 1), ((TimeSpan)db.Down, (int)db.Outages));
        Assert.Null(db.Objective);
        Assert.Null(db.BudgetLeft);
        dynamic before = Assert.Single(Run("Measure-HealthStatus db1 -Before ([DateTimeOffset]::Now.AddHours(-4)) -Last 1h"));
        Assert.Equal((null, TimeSpan.FromHours(1)), ((double?)before.Availability, (TimeSpan)before.Unknown));
    }

    [Fact]
    public void Servers_are_chosen_as_elsewhere_and_the_store_knows_them_without_an_environment()
    {
        Assert.Equal(["web1"], history.Texts("(Measure-HealthStatus role:App).Server"));
        Assert.Equal(["db1"], history.Texts("(Get-Server db1 | Measure-HealthStatus).Server"));
        Assert.Empty(history.Texts("@() | Measure-HealthStatus"));
        Assert.Empty(history.Texts("Measure-HealthStatus nothing*"));
        Assert.Equal(["web1", "db1", ""], history.Texts($"$path = $ExecutionContext.SessionState.Path; $null = $path.SetLocation('/'); try {{ (Measure-HealthStatus -Store '{history.Folder}/store').Server }} finally {{ $null = $path.SetLocation('{history.Folder}') }}"));
        Assert.Contains("db1", history.Proposals("Measure-HealthStatus "));
        Assert.Contains("disk.used", history.Proposals("Measure-HealthStatus -Check disk.u"));
    }

    [Theory]
    [InlineData("Measure-HealthStatus -Store ./none", "MetricStoreNotFound")]
    [InlineData("Measure-HealthStatus web7", "HealthServerNotFound")]
    [InlineData("Measure-HealthStatus group:none", "HealthServerNotFound")]
    [InlineData("Measure-HealthStatus -Objective 99.9", "HealthObjectiveInvalid")]
    [InlineData("Measure-HealthStatus -Last 1h -After 2026-01-01", "MetricWindowAmbiguous")]
    public void What_cannot_be_measured_is_an_error(string script, string error) => Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.MeasureHealthStatus", history.ErrorOf(script));

    [Theory]
    [InlineData(86_400, 0, "100 %", "██████████ 100 %  1m 26s")]
    [InlineData(86_390, 10, "99.988 %", "█████████░  88 %  1m 16s")]
    [InlineData(86_320, 80, "99.907 %", "█░░░░░░░░░   7 %  6.40 s")]
    [InlineData(86_280, 120, "99.861 %", "░░░░░░░░░░ ! over by 33.6 s")]
    [InlineData(0, 0, "not known", "")]
    public void What_is_left_is_shown_as_a_bar_and_in_words(int available, int down, string share, string budget)
    {
        Assert.Equal([share, budget], history.Texts($$"""
            $one = [ProdOps.HealthAvailability]@{ Server = 'web1'; Available = [TimeSpan]::FromSeconds({{available}}); Down = [TimeSpan]::FromSeconds({{down}}); Objective = 0.999 }
            [ProdOps.Cmdlets.FormatHelper]::Availability($one.Availability)
            [ProdOps.Cmdlets.FormatHelper]::ErrorBudget($one, $null)
            """));
    }

    [Fact]
    public void Names_cannot_drive_a_terminal() => Assert.Equal(["a\u241B[2J", "all of s\u2407", "all"], history.Texts("""
        $esc = [char]27
        [ProdOps.Cmdlets.FormatHelper]::AvailabilityOf([ProdOps.HealthAvailability]@{ Server = "a$esc[2J" })
        [ProdOps.Cmdlets.FormatHelper]::AvailabilityOf([ProdOps.HealthAvailability]@{ Environment = "s$([char]7)" })
        [ProdOps.Cmdlets.FormatHelper]::AvailabilityOf([ProdOps.HealthAvailability]@{})
        """));

    private List<dynamic> Run(string script) => [.. history.Engine.Run(script)];
}
