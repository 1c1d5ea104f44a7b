using ProdOps.Recovery.Execution;

namespace ProdOps.Recovery.Tests.Execution;

public sealed class DrillTests
{
    [Fact]
    public void A_drill_leaves_out_what_others_would_notice_and_does_what_stands_in_its_place()
    {
        using var fixture = new ExecutionFixture("""
            @{ Name = 'a'; Command = 'real'; Drill = @{ Command = 'rehearsed' } }
            @{ Name = 'b'; Command = 'mail everybody'; Drill = 'Skip' }
            @{ Name = 'c'; LoadBalancer = 'web' }
            @{ Name = 'd'; Address = 'web' }
            @{ Name = 'p'; Publish = 'web' }
            @{ Name = 'e'; Command = 'last' }
            """);
        fixture.Environment = fixture.Environment with { LoadBalancers = [new() { Name = "web" }] };
        var drilled = fixture.Steps(isDrill: true);
        Assert.Equal(["a rehearsed False", "b mail everybody True", "c  True", "d  True", "p  True", "e last False"], drilled.Select(step => $"{step.Step.Name} {step.Step.Text} {step.IsSkipped}"));
        Assert.Equal(["real", "mail everybody", "", "", "", "last"], fixture.Steps().Select(step => step.Step.Text));
        Assert.DoesNotContain(fixture.Steps(), step => step.IsSkipped);
    }

    [Fact]
    public void What_waits_for_a_step_that_is_left_out_waits_for_those_before_it()
    {
        using var fixture = new ExecutionFixture("""
            @{ Name = 'a'; Command = 'one' }
            @{ Name = 'b'; Command = 'two'; Drill = 'Skip' }
            @{ Name = 'c'; Command = 'three'; DependsOn = 'b', 'z' }
            @{ Name = 'd'; Command = 'four' }
            @{ Name = 'z'; Command = 'five'; DependsOn = 'a', 'b'; Drill = 'Skip' }
            """);
        Assert.Equal(["a:", "b:a", "c:a", "d:c", "z:a"], Order(fixture.Steps(isDrill: true)));
        Assert.Equal(["a:", "b:a", "c:a", "d:a", "z:a"], Order(fixture.Steps(false, "a", "d")));
        Assert.Equal(["a:", "b:a", "c:b,z", "d:c", "z:a,b"], Order(fixture.Steps()));

        static IEnumerable<string> Order(IEnumerable<PlannedStep> steps) => steps.Select(step => $"{step.Step.Name}:{string.Join(',', step.Step.DependsOn)}");
    }

    [Fact]
    public void A_drill_is_done_on_a_spare_host_and_nowhere_else()
    {
        var environment = new ProdOpsEnvironment
        {
            Name = "shop", Path = "/srv/ops/environment.psd1",
            Servers = [new() { Name = "db1", Address = "10.0.0.1" }, new() { Name = "web1", Address = "10.0.0.2", Services = ["nginx"] }, new() { Name = "spare", Address = "10.0.0.9" }],
        };
        var plan = new RecoveryPlan { Name = "db1", Server = "db1" };
        string? Refused(Server target) => DrillFence.Refusal(environment, plan, target)?.ErrorId;
        Assert.Equal("RecoveryDrillTarget", Refused(environment.Servers[0]));
        Assert.Equal("RecoveryDrillTarget", Refused(environment.Servers[1]));
        Assert.Equal("RecoveryDrillTarget", Refused(new Server { Name = "10.0.0.1" }));
        Assert.Equal("RecoveryDrillTarget", Refused(new Server { Name = "localhost", IsLocal = true }));
        Assert.Null(Refused(environment.Servers[2]));
        Assert.Null(Refused(new Server { Name = "10.0.0.77" }));

        var spare = environment.Servers[2];
        PlannedStep Step(RecoveryStepKind kind, Server server, bool skipped) => new(plan, new RecoveryStep { Name = "x", Kind = kind }, server, skipped);
        DrillFence.Check(plan, spare, [Step(RecoveryStepKind.Command, spare, false), Step(RecoveryStepKind.Command, environment.Servers[1], true), Step(RecoveryStepKind.Verify, environment.Servers[1], false)]);
        Assert.Equal("RecoveryDrillFence", Assert.Throws<ProdOpsException>(() => DrillFence.Check(plan, spare, [Step(RecoveryStepKind.Command, environment.Servers[1], false)])).ErrorId);
    }

    [Fact]
    public void A_spare_host_is_kept_away_from_what_is_in_use_but_not_from_its_package_source()
    {
        var environment = new ProdOpsEnvironment
        {
            Name = "shop", Path = "/srv/ops/environment.psd1",
            Servers = [new() { Name = "db1", Address = "10.0.0.1" }, new() { Name = "db11", Address = "10.0.0.11" }, new() { Name = "spare", Address = "10.0.0.9" }, new() { Name = "mirror", Address = "10.0.0.5" }, new() { Name = "here", IsLocal = true }],
            LoadBalancers = [new() { Name = "web", VirtualAddress = "10.0.0.100" }, new() { Name = "api", FloatingAddress = new FloatingAddressDefinition { Address = "192.0.2.7" } }],
            Monitoring = new MonitoringOptions { Channels = [new() { Name = "mail", Kind = NotificationChannelKind.Mail, Target = "smtp.example.org:587" }, new() { Name = "chat", Kind = NotificationChannelKind.Webhook, Target = "https://chat.example.org/hook" }, new() { Name = "script", Kind = NotificationChannelKind.Script, Target = "mail -s x admin; reboot" }] },
        };
        var plan = new RecoveryPlan { Name = "db1", Server = "db1" };
        var sources = new RecoveryStep { Name = "sources", Kind = RecoveryStepKind.Repository, Files = [new RecoveryFile { Path = "/etc/apt/sources.list", Content = "deb http://10.0.0.5/debian stable main # not 110.0.0.1 nor db1.example.org\n" }] };
        string[] places = [.. new DrillNetwork(environment, environment.Servers[2], [new PlannedStep(plan, sources, environment.Servers[2], false)]).Places];
        Assert.Equal(["10.0.0.1", "10.0.0.100", "10.0.0.11", "192.0.2.7", "chat.example.org", "db1", "db11", "smtp.example.org"], places.Order(StringComparer.Ordinal));
    }

    [UnixFact]
    public async Task What_a_drill_has_made_is_taken_away_and_what_it_has_changed_is_told()
    {
        using var fixture = new ExecutionFixture("""
            @{ Name = 'folder'; AsRoot = $false; Directory = @{ Path = '{0}/srv/a' } }
            @{ Name = 'files';  AsRoot = $false; File = @{ Path = '{0}/srv/a/one'; Content = '1' }, @{ Path = '{0}/kept'; Content = '2' }, @{ Path = '{0}/link'; Link = 'kept' } }
            @{ Name = 'undone'; AsRoot = $false; Command = 'touch {0}/undone'; Undo = 'rm {0}/undone' }
            @{ Name = 'left';   AsRoot = $false; Command = 'touch {0}/left' }
            """);
        File.WriteAllText(fixture["kept"], "before");
        using var journal = fixture.Begin();
        Assert.True(await fixture.RunAsync(journal), string.Join('\n', fixture.Failures.Select(error => error.Message)));
        var activity = new ProdOps.Servers.Tests.TestTools.RecordingActivity();
        var taken = new List<string>();
        await foreach (var step in new DrillWipe(journal, fixture.Plan, fixture.Steps(), fixture.Environment, fixture.Access, activity, TimeProvider.System).RunAsync(default)) taken.Add($"{step.Step} {step.State} {string.Join(", ", step.Changes)}");
        Assert.Equal(["left Skipped ", "undone Undone taken back by its Undo", $"files Undone {fixture.Folder}/srv/a/one, {fixture.Folder}/link", $"folder Undone {fixture.Folder}/srv/a"], taken);
        Assert.Equal("What 'left' did stays on web1: it has no Undo.", Assert.Single(activity.Warnings));
        Assert.Equal([true, true, false, false, false], new[] { "kept", "left", "undone", "link", "srv/a" }.Select(name => Path.Exists(fixture[name])));
        // The drill itself stays what it was: a success, with its steps' durations.
        var run = RunHistory.Of(journal.Header, journal.Records, isOpen: false, default);
        Assert.Equal(RecoveryRunStatus.Succeeded, run.Status);
        Assert.All(run.Steps, step => Assert.Equal(RecoveryStepState.Succeeded, step.State));
    }

    [Fact]
    public void Only_what_was_made_is_taken_away()
    {
        var packages = new RecoveryStep { Name = "x", Kind = RecoveryStepKind.Package, Packages = ["nginx", "curl=1", "mc"] };
        var (script, taken) = DrillWipe.Script(packages, ["nginx: installed", "curl=1: installed", "mc: in the place of 2"]);
        Assert.Equal(["nginx", "curl"], taken);
        Assert.DoesNotContain(" mc", script, StringComparison.Ordinal);
        var users = new RecoveryStep { Name = "x", Kind = RecoveryStepKind.User, Users = [new RecoveryUser { Name = "anna" }, new RecoveryUser { Name = "otto" }, new RecoveryUser { Name = "shop", System = true }] };
        (script, taken) = DrillWipe.Script(users, ["anna: made", "otto: shell /bin/sh", "shop: made"]);
        Assert.Equal(["anna", "shop"], taken);
        Assert.Contains("userdel -r anna", script, StringComparison.Ordinal);
        Assert.Contains("userdel shop", script, StringComparison.Ordinal);
        var folders = new RecoveryStep { Name = "x", Kind = RecoveryStepKind.Directory, Directories = [new RecoveryDirectory { Path = "/" }, new RecoveryDirectory { Path = "/srv/a" }, new RecoveryDirectory { Path = "/srv/a/b c" }] };
        Assert.Equal("rm -rf --one-file-system -- '/srv/a/b c' || exit\nrm -rf --one-file-system -- /srv/a || exit\n", DrillWipe.Script(folders, ["/: made", "/srv/a: made", "/srv/a/b c: made"]).Script);
        Assert.Empty(DrillWipe.Script(new RecoveryStep { Name = "x", Kind = RecoveryStepKind.Command, Text = "reboot" }, ["runs reboot"]).Taken);
    }

    [Fact]
    public void A_drill_is_due_after_a_while_and_after_a_change_and_bad_when_it_failed_or_took_too_long()
    {
        var plan = new RecoveryPlan { Name = "db1", Server = "db1", Revision = "r2" };
        var now = new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal("Warning: was never drilled from this machine", Standing());
        Assert.Equal("OK: was drilled 10 days ago in 9 min", Standing(Run(10)));
        Assert.Equal("Warning: was drilled 10 days ago in 9 min, and has changed since", Standing(Run(10) with { Revision = "r1" }));
        Assert.Equal("Warning: was drilled 91 days ago in 9 min: a drill is due", Standing(Run(91)));
        Assert.Equal("Critical: was drilled 181 days ago in 9 min: a drill is long due", Standing(Run(181)));
        Assert.Equal("Critical: was drilled 10 days ago in 21 min, and may take 20 min", Standing(Run(10) with { Duration = TimeSpan.FromMinutes(21) }));
        Assert.Equal("Critical: the drill of 2026-11-24 failed", Standing(Run(10), Run(3) with { Status = RecoveryRunStatus.Failed }));
        Assert.Equal("Critical: the run of 2026-11-24 was cut off", Standing(Run(10), Run(3) with { Status = RecoveryRunStatus.Interrupted, IsDrill = false }));
        Assert.Equal("OK: was carried out 3 days ago in 9 min", Standing(Run(10) with { Status = RecoveryRunStatus.Failed }, Run(3) with { IsDrill = false }));
        // Neither another plan's, nor one of chosen steps, nor one that is under way.
        Assert.Equal("OK: was drilled 10 days ago in 9 min", Standing(Run(10), Run(1) with { Plan = "web1", Status = RecoveryRunStatus.Failed }, Run(1) with { Status = RecoveryRunStatus.Running },
            Run(1) with { IsDrill = false, Duration = TimeSpan.FromHours(1), Steps = [new RecoveryRunStep { Step = "a", State = RecoveryStepState.Skipped }] }));

        string Standing(params RecoveryRun[] runs) => DrillStanding.Of(plan, runs, TimeSpan.FromMinutes(20), TimeSpan.FromDays(90), now) is var standing ? $"{standing.State}: {standing.Message}" : "";
        RecoveryRun Run(int days) => new() { Run = "r", Plan = "db1", Server = "db1", Revision = "r2", IsDrill = true, Status = RecoveryRunStatus.Succeeded, Started = now.AddDays(-days), Duration = TimeSpan.FromMinutes(9) };
    }
}
