namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Get-HealthEvent and Get-Notification through the built module.</summary>
public sealed class EventCmdletTests(HistoryFixture history) : IClassFixture<HistoryFixture>
{
    [Fact]
    public void Events_come_in_the_order_of_time_and_what_is_not_understood_is_a_warning()
    {
        using var shell = history.Engine.Shell("Get-HealthEvent -Last 4h");
        var told = shell.Invoke();
        Assert.Empty(shell.Streams.Error);
        Assert.Contains("teleported", Assert.Single(shell.Streams.Warning).Message, StringComparison.Ordinal);
        Assert.All(told, one => Assert.Contains("ProdOps.HealthEvent", one.TypeNames));
        var numbers = told.Select(one => (long)one.Properties["Number"].Value).ToList();
        Assert.Equal(numbers.Order(), numbers);
        Assert.DoesNotContain(told, one => $"{one.Properties["Kind"].Value}" == "Result");
    }

    [Fact]
    public void Events_are_chosen_by_server_check_kind_time_and_number()
    {
        Assert.Equal(["web1"], Unique("(Get-HealthEvent -Server role:App).Server"));
        Assert.Equal(["disk.used"], Unique("(Get-HealthEvent -Check disk.*).Check"));
        Assert.Equal(["Check", "Resolved"], Unique("(Get-HealthEvent -Kind Check, Resolved -Server db1).Kind"));
        Assert.Equal(["2"], history.Texts("@(Get-HealthEvent -Newest 2 -WarningAction Ignore).Count"));
        Assert.Empty(history.Texts("Get-HealthEvent -Before 2001-01-02 -After 2001-01-01"));
        Assert.Equal(["Result"], Unique("(Get-HealthEvent -IncludeResults -Server db1).Kind | Where-Object { $_ -eq 'Result' }"));
    }

    [Fact]
    public void An_incident_is_told_from_beginning_to_end()
    {
        Assert.Equal(
            ["Check", "Incident", "Action", "Action", "Notification", "Delivery", "Acknowledgement", "Check", "Resolved", "Notification", "Held"],
            history.Texts($"(Get-HealthEvent -Incident {history.Over} -WarningAction Ignore).Kind"));
        Assert.Equal(["96.2 %"], history.Texts($"(Get-HealthEvent -Incident {history.Over} -WarningAction Ignore)[0].Message"));
        Assert.Equal("HealthIncidentNotFound,ProdOps.Cmdlets.Monitoring.GetHealthEvent", history.ErrorOf("Get-HealthEvent -Incident 999"));
    }

    [Fact]
    public void What_is_open_is_told()
    {
        dynamic open = Assert.Single(history.Engine.Run("Get-HealthEvent -Open -WarningAction Ignore"));
        Assert.Equal((history.Open, history.Open, "web1", "reachability", "no answer", "Critical"), ((long)open.Incident, (long)open.Number, (string)open.Server, (string)open.Check, (string)open.Message, $"{open.State}"));
        Assert.Contains($"{history.Open}", history.Proposals("Get-HealthEvent -Incident "));
    }

    [Fact]
    public void Messages_are_told_with_what_became_of_them()
    {
        Assert.Equal(["Delivered mail", "GivenUp "], history.Texts("Get-Notification | ForEach-Object { \"$($_.Status) $($_.Channel)\" }"));
        Assert.Equal(["Delivered"], history.Texts("(Get-Notification on-* -Channel mail).Status"));
        Assert.Equal(["No channel takes it."], history.Texts("(Get-Notification -Status GivenUp).Error"));
        Assert.Empty(history.Texts("Get-Notification -Status Pending; Get-Notification nobody"));
    }

    [Theory]
    [InlineData("Get-HealthEvent -Store ./none", "MetricStoreNotFound", "GetHealthEvent")]
    [InlineData("Get-Notification -Store ./none", "MetricStoreNotFound", "GetNotification")]
    [InlineData("Get-HealthEvent -Server group:none", "HealthServerNotFound", "GetHealthEvent")]
    public void What_cannot_be_told_is_an_error(string script, string error, string cmdlet) => Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.{cmdlet}", history.ErrorOf(script));

    private string[] Unique(string script) => [.. history.Texts($"$WarningPreference = 'Ignore'; {script}").Distinct()];
}
