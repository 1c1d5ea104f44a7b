namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>The monitor and what is said to it, through the built module.</summary>
public sealed class HealthMonitorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-monitor-").FullName;
    private readonly Engine _engine = new();

    public HealthMonitorTests()
    {
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
        // A check of a file that the test puts there or not: nothing listens, and nothing waits.
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $$"""
            @{
                Name       = 'shop'
                Servers    = @{ Name = 'here'; Local = $true; Role = 'App' }
                Monitoring = @{
                    Store    = 'store'
                    Interval = '1s'
                    Checks   = @{ Name = 'file'; Script = 'test -e {{_folder}}/good'; Server = 'here'; Interval = '1s'; For = '0s'; Attempts = 1 }
                    Rules    = @{ Name = 'file'; RecoverFor = '0s'; RecoverAttempts = 1 }
                    Channels = @{ out = @{ Script = 'cat >> {{_folder}}/messages' } }
                    Notify   = @{ Name = 'admins'; Channel = 'out' }
                    Actions  = @{ Name = 'mend'; Rule = 'file'; On = 'Critical', 'Warning'; Command = 'echo "mending $PRODOPS_CHECK"' }
                }
            }

            """);
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [LinuxFact]
    public void A_problem_is_emitted_kept_told_and_acted_upon_and_the_next_monitor_goes_on()
    {
        // It ends with the pipeline, once the message has been delivered and the action is over.
        var events = _engine.Run(
            "do { Start-HealthMonitor -For 60s | ForEach-Object { $_; if ($_.Kind -eq 'Delivery') { $delivered = $true }; if ($_.Output) { $done = $true }; if ($delivered -and $done) { break } } } while ($false)");
        Assert.All(events, one => Assert.Contains("ProdOps.HealthEvent", one.TypeNames));
        dynamic change = events.First(one => (string)one.Properties["Kind"].Value.ToString()! == "Check");
        Assert.Equal(("here", "file", "Critical"), ((string)change.Server, (string)change.Check, change.State.ToString()));
        Assert.Contains(events, one => (string)one.Properties["Output"].Value == "mending file");
        Assert.Contains("Critical: here file", File.ReadAllText(Path.Combine(_folder, "messages")), StringComparison.Ordinal);
        long incident = (long)change.Incident;
        Assert.NotEqual(0, incident);

        // Somebody takes it on, by the number of any of its events.
        dynamic taken = _engine.Run($"Confirm-HealthEvent {(long)change.Number} -Comment 'on it' -By ann").Single();
        Assert.Equal(("Acknowledgement", incident, "ann"), (taken.Kind.ToString(), (long)taken.Incident, (string)taken.By));
        File.WriteAllText(Path.Combine(_folder, "good"), "");
        var later = _engine.Run("do { Start-HealthMonitor -For 60s | ForEach-Object { $_; if ($_.Kind -eq 'Delivery') { break } } } while ($false)");
        Assert.Contains(later, one => one.Properties["Kind"].Value.ToString() == "Resolved" && (long)one.Properties["Incident"].Value == incident);
        Assert.Contains("OK: here file", File.ReadAllText(Path.Combine(_folder, "messages")), StringComparison.Ordinal);
        Assert.Equal("IncidentNotFound", ErrorOf($"Confirm-HealthEvent {incident}"));
        Assert.Equal("HealthEventNotFound", ErrorOf("Confirm-HealthEvent 999999"));
    }

    [LinuxFact]
    public void A_check_that_makes_no_sense_is_told_of_and_stops_none_of_the_others()
    {
        string file = Path.Combine(_folder, "environment.psd1");
        // Each key is well written: what contradicts what is only known when a check is made of them.
        string odd = "@{ Name = 'odd'; Tcp = '{server}:1'; Server = 'here'; Warning = '> 5'; Interval = '1s'; For = '0s'; Attempts = 1 }, @{ Name = 'reversed'; Tcp = '{server}:1'; Server = 'here'; Interval = '1s'; For = '0s'; Attempts = 1; Warning = '> 2s'; Critical = '> 1s' }";
        File.WriteAllText(file, File.ReadAllText(file).Replace("Checks   = ", $"Checks   = {odd}, ", StringComparison.Ordinal));
        using var shell = _engine.Shell("$told = @{}; do { Start-HealthMonitor -For 60s | ForEach-Object { $_; if ($_.Kind -eq 'Check') { $told[$_.Check] = $true }; if ($told['file'] -and $told['odd'] -and $told['reversed']) { break } } } while ($false)");
        var changes = shell.Invoke().Where(one => one.Properties["Kind"].Value.ToString() == "Check").DistinctBy(one => (string)one.Properties["Check"].Value).ToDictionary(one => (string)one.Properties["Check"].Value, one => $"{one.Properties["State"].Value}: {one.Properties["Message"].Value}");
        Assert.Empty(shell.Streams.Error);
        Assert.StartsWith("Critical: ", changes["file"], StringComparison.Ordinal);
        Assert.StartsWith("Unknown: The check 'odd' cannot be run: ", changes["odd"], StringComparison.Ordinal);
        Assert.StartsWith("Unknown: The rule 'reversed' cannot be used: ", changes["reversed"], StringComparison.Ordinal);
        Assert.Equal(2, shell.Streams.Warning.Count(warning => warning.Message.Contains("cannot be", StringComparison.Ordinal)));

        var problems = _engine.Run("Get-HealthCheck -Server here").ToDictionary(one => (string)one.Properties["Check"].Value, one => (string?)one.Properties["Problem"].Value);
        Assert.StartsWith("The check 'odd' cannot be run: ", problems["odd"], StringComparison.Ordinal);
        Assert.StartsWith("The rule 'reversed' cannot be used: ", problems["reversed"], StringComparison.Ordinal);
        Assert.Null(problems["file"]);
        var states = _engine.Run("Get-HealthStatus -Detailed").ToLookup(one => (string)one.Properties["Check"].Value, one => $"{one.Properties["State"].Value}: {one.Properties["Message"].Value}");
        Assert.StartsWith("Unknown: The check 'odd'", Assert.Single(states["odd"]), StringComparison.Ordinal);
        Assert.StartsWith("Unknown: The rule 'reversed'", Assert.Single(states["reversed"]), StringComparison.Ordinal);
        Assert.Equal(["HealthCheckInvalid", "HealthRuleInvalid"], _engine.Run("Test-ProdOpsEnvironment | Where-Object Status -eq Failed").Select(one => (string)one.Properties["ErrorId"].Value));
    }

    [LinuxFact]
    public void Announced_work_is_set_shown_and_ended()
    {
        Assert.Equal("MetricStoreNotFound", ErrorOf("Get-HealthDowntime"));
        dynamic set = _engine.Run("Suspend-HealthCheck role:App -For 30m -Reason deploy -By ann").Single();
        Assert.Equal(("here", "deploy", "ann", true), ((string)set.Server, (string)set.Reason, (string)set.By, (bool)set.IsActive));
        Assert.Equal(TimeSpan.FromMinutes(30), (DateTimeOffset)set.Until - (DateTimeOffset)set.From);
        _engine.Run("Suspend-HealthCheck web* -Check disk.used -Recurrence '0 3 * * sun' -For 2h -TimeZone Europe/Berlin");
        Assert.Equal(["here", "web*"], _engine.Run("Get-HealthDowntime").Select(one => (string)one.Properties["Server"].Value));
        Assert.Equal("web*", (string)((dynamic)_engine.Run("Get-HealthDowntime web7").Single()).Server);
        Assert.Equal("here", (string)((dynamic)_engine.Run("Get-HealthDowntime -Active | Resume-HealthCheck").Single()).Server);
        Assert.Empty(_engine.Run("Resume-HealthCheck here -WhatIf"));
        Assert.Equal("disk.used", (string)((dynamic)_engine.Run("Resume-HealthCheck web1 -Check disk.*").Single()).Check);
        Assert.Equal("DowntimeNotFound", ErrorOf("Resume-HealthCheck -Number 1"));
        Assert.Equal("DowntimeInvalid", ErrorOf("Suspend-HealthCheck here -Until '2020-01-01'"));
        foreach (string how in new[] { "-For 1h", "-For 1h -Flexible" }) Assert.Equal("DowntimeInvalid", ErrorOf($"Suspend-HealthCheck here -From ([DateTimeOffset]::MaxValue) {how}"));
        Assert.Empty(_engine.Run("Get-HealthDowntime"));
    }

    [LinuxFact]
    public void Silent_it_tells_nobody_and_nothing_is_done()
    {
        var events = _engine.Run("do { Start-HealthMonitor -Silent -Store silent -For 60s | ForEach-Object { $_; if ($_.Kind -eq 'Incident') { break } } } while ($false)");
        Assert.DoesNotContain(events, one => one.Properties["Kind"].Value.ToString() is "Notification" or "Action");
        Assert.False(File.Exists(Path.Combine(_folder, "messages")));
        Assert.Empty(_engine.Run("Start-HealthMonitor -Store new -WhatIf"));
        Assert.False(Directory.Exists(Path.Combine(_folder, "new")));
    }

    private string ErrorOf(string script)
    {
        using var shell = _engine.Shell(script);
        shell.Invoke();
        return Assert.Single(shell.Streams.Error).FullyQualifiedErrorId.Split(',')[0];
    }
}
