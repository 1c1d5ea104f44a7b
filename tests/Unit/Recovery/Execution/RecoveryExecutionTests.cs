using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Recovery.Tests.Execution;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RecoveryExecutionTests
{
    private const string Usual = """
        @{ Name = 'folder';  AsRoot = $false; Directory = @{ Path = '{0}/srv/it''s here'; Mode = '0750' } }
        @{ Name = 'file';    AsRoot = $false; File = @{ Path = '{0}/srv/it''s here/a'; Content = "one`ntwo"; Mode = '0640' }, @{ Path = '{0}/srv/link'; Link = 'it''s here/a' } }
        @{ Name = 'count';   AsRoot = $false; Command = 'echo x >>{0}/count'; Unless = 'test -e {0}/count' }
        @{ Name = 'proof';   AsRoot = $false; Verify = 'grep -q two {0}/srv/link' }
        @{ Name = 'beside';  AsRoot = $false; Command = 'sleep 0.1; touch {0}/beside'; Unless = 'test -e {0}/beside'; DependsOn = @() }
        """;

    [UnixFact]
    public async Task A_plan_that_is_carried_out_twice_changes_nothing_the_second_time()
    {
        using var fixture = new ExecutionFixture(Usual);
        Assert.True(await fixture.RunAsync(), string.Join('\n', fixture.Failures.Select(error => error.Message)));
        Assert.Equal("folder:Succeeded file:Succeeded count:Succeeded proof:Succeeded beside:Succeeded", fixture.States);
        Assert.Equal("one\ntwo", File.ReadAllText(fixture["srv/link"]));
        Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(fixture["srv/it's here/a"]));
        Assert.Equal([$"{fixture.Folder}/srv/it's here/a: made", $"{fixture.Folder}/srv/link: made, a link to it's here/a"], fixture.Emitted.First(step => step.Step == "file").Changes);

        Assert.True(await fixture.RunAsync());
        Assert.Equal("folder:AlreadyOk file:AlreadyOk count:AlreadyOk proof:Succeeded beside:AlreadyOk", fixture.States);
        Assert.Equal("x\n", File.ReadAllText(fixture["count"]));
    }

    [RootFact]
    public async Task Every_server_that_was_built_says_whose_it_is_and_is_not_taken_for_another()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'web2'; Plan = 'web2' }; @{ Name = 'own'; Directory = @{ Path = '{0}/own' } }; @{ Name = 'other'; Directory = @{ Path = '{0}/other' } }; @{ Name = 'elsewhere'; On = 'db1'; Directory = @{ Path = '{0}/db' } }");
        fixture.Environment = fixture.Environment with { Servers = [.. fixture.Environment.Servers, new Server { Name = "web2", Address = "192.0.2.2" }, new Server { Name = "db1", Address = "192.0.2.3" }] };
        fixture.Access = new TestAccess(fixture.Folder) { HasHomes = true };
        File.WriteAllText(PlanFiles.PathOf(fixture.Environment, "web2"), $"@{{ Server = 'web2'; Steps = @( @{{ Name = 'folder'; Directory = @{{ Path = '{fixture.Folder}/inner' }} }} ) }}");
        Assert.True(await fixture.RunAsync(new ExecutionOptions(), only: "own"), string.Join('\n', fixture.Failures.Select(error => error.Message)));
        Assert.Equal("web1", Mark("web1"));
        Assert.Equal("", Mark("web2"));
        Assert.True(await fixture.RunAsync());
        Assert.Equal(("web1", "web2", ""), (Mark("web1"), Mark("web2"), Mark("db1")));
        File.WriteAllText(fixture["web2/prodops/server"], "web3\n");
        Assert.Contains("'web2' is not for 'web2': it was built as 'web3'.", Assert.Single(await ProblemsAsync(force: false)), StringComparison.Ordinal);
        Assert.Empty(await ProblemsAsync(force: true));

        string Mark(string server) => fixture[$"{server}/prodops/server"] is var path && File.Exists(path) ? File.ReadAllText(path).Trim() : "";

        Task<IReadOnlyList<string>> ProblemsAsync(bool force) => new Preflight(fixture.Plan, fixture.Environment.Servers[0], fixture.Steps(), fixture.Environment, fixture.Access, SilentActivity.Instance, TimeProvider.System) { Force = force }.RunAsync(default);
    }

    [UnixFact]
    public async Task A_command_that_failed_is_told_by_what_went_wrong_and_not_by_the_advice_below_it()
    {
        using var fixture = new ExecutionFixture("""@{ Name = 'init'; AsRoot = $false; Command = 'echo "begins"; echo "There is no repository."; echo; echo "  Recommendation: Check the path,"; echo "  or make one."; exit 1' }""");
        Assert.False(await fixture.RunAsync());
        Assert.Contains("The command ended with 1: There is no repository.", Assert.Single(fixture.Failures).Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task What_was_changed_since_is_put_right_and_told_exactly()
    {
        using var fixture = new ExecutionFixture(Usual);
        Assert.True(await fixture.RunAsync());
        string path = fixture["srv/it's here/a"];
        File.WriteAllText(path, "three");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        File.Delete(fixture["srv/link"]);
        var preview = new List<RecoveryRunStep>();
        await foreach (var step in new PlanPreview(fixture.Plan, fixture.Steps(), new Dictionary<string, TimeSpan>(), fixture.Environment, fixture.Access, SilentActivity.Instance, TimeProvider.System).LookAsync(default)) preview.Add(step);
        string[] expected = [$"{path}: content replaced", $"{path}: mode 0640", $"{fixture.Folder}/srv/link: made, a link to it's here/a"];
        Assert.Equal(expected, preview.First(step => step.Step == "file").Changes);
        Assert.Equal("three", File.ReadAllText(path));
        Assert.True(await fixture.RunAsync());
        Assert.Equal(expected, fixture.Emitted.First(step => step.Step == "file").Changes);
        Assert.Equal("one\ntwo", File.ReadAllText(fixture["srv/link"]));
    }

    [UnixFact]
    public async Task A_step_that_fails_holds_up_what_waits_for_it_and_a_resumed_run_goes_on_there()
    {
        using var fixture = new ExecutionFixture("""
            @{ Name = 'a'; AsRoot = $false; Command = 'echo a >>{0}/log' }
            @{ Name = 'b'; AsRoot = $false; Command = 'test -e {0}/ready || { echo not ready >&2; exit 7; }'; DependsOn = 'a' }
            @{ Name = 'c'; AsRoot = $false; Command = 'echo c >>{0}/log'; DependsOn = 'b' }
            @{ Name = 'd'; AsRoot = $false; Command = 'echo d >>{0}/log'; DependsOn = 'a' }
            """);
        string run;
        using (var journal = fixture.Begin())
        {
            run = journal.Header.Run;
            Assert.False(await fixture.RunAsync(journal));
            Assert.Equal(RecoveryStepState.Blocked, Assert.Single(RunHistory.Read(fixture.Journals, TimeProvider.System, error => throw error)).Steps[2].State);
            Assert.Equal("a:Succeeded b:Failed c:Blocked d:Succeeded", fixture.States);
            var failure = Assert.Single(fixture.Failures);
            Assert.Equal("RecoveryStepFailed", failure.ErrorId);
            Assert.Contains("7: not ready", failure.Message, StringComparison.Ordinal);
        }

        File.WriteAllText(fixture["ready"], "");
        using (var journal = RunJournal.Open(fixture.Journals, run, TimeProvider.System)) Assert.True(await fixture.RunAsync(journal));
        Assert.Equal(["a", "d", "c"], File.ReadAllLines(fixture["log"]));
        var history = Assert.Single(RunHistory.Read(fixture.Journals, TimeProvider.System, error => throw error));
        Assert.Equal((RecoveryRunStatus.Succeeded, 2), (history.Status, history.Steps.First(step => step.Step == "b").Attempt));
        Assert.All(history.Steps, step => Assert.Equal(RecoveryStepState.Succeeded, step.State));
    }

    [UnixFact]
    public async Task Folders_that_are_made_on_the_way_to_a_file_are_for_all_to_pass()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'file'; AsRoot = $false; File = @{ Path = '{0}/opt/shop/conf/a'; Content = 'a' }, @{ Path = '{0}/run/shop/link'; Link = '{0}/opt' } }");
        Assert.True(await fixture.RunAsync());
        Assert.All(["opt", "opt/shop", "opt/shop/conf", "run", "run/shop"], folder => Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(fixture[folder])));
    }

    [UnixFact]
    public async Task Secrets_reach_a_command_and_a_file_and_nothing_else()
    {
        const string secret = "s3cr3t 'with\" $quotes\nand lines";
        using var fixture = new ExecutionFixture("""
            @{ Name = 'command'; AsRoot = $false; Command = 'printf %s "$PASS" >{0}/got; echo "$PASS"; tr "\0" " " </proc/$$/cmdline >{0}/arguments'; Secrets = @{ PASS = @{ File = '{0}/secret' } } }
            @{ Name = 'file'; AsRoot = $false; File = @{ Path = '{0}/copy'; Secret = @{ File = '{0}/secret' } } }
            """);
        await File.WriteAllTextAsync(fixture["secret"], secret);
        File.SetUnixFileMode(fixture["secret"], (UnixFileMode)0b110_000_000);
        Assert.True(await fixture.RunAsync(), string.Join('\n', fixture.Failures.Select(error => error.Message)));
        Assert.Equal(secret, await File.ReadAllTextAsync(fixture["got"]));
        Assert.Equal(secret, await File.ReadAllTextAsync(fixture["copy"]));
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(fixture["copy"]));
        Assert.DoesNotContain("s3cr3t", await File.ReadAllTextAsync(fixture["arguments"]), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", fixture.Emitted[0].Output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", await File.ReadAllTextAsync(Directory.GetFiles(fixture.Journals)[0]), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_command_that_takes_too_long_is_ended_with_what_it_started()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'slow'; AsRoot = $false; Timeout = '1s'; Command = 'sleep 300 & echo $! >{0}/child; wait' }");
        Assert.False(await fixture.RunAsync());
        Assert.Contains("longer than", Assert.Single(fixture.Failures).Message, StringComparison.Ordinal);
        string child = (await File.ReadAllTextAsync(fixture["child"])).Trim();
        Assert.False(Directory.Exists($"/proc/{child}") && (await File.ReadAllTextAsync($"/proc/{child}/stat")).Contains("sleep) S", StringComparison.Ordinal));
    }

    [UnixFact]
    public async Task A_server_that_is_gone_holds_no_run_up_for_ever_and_what_went_on_there_is_found_again()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'slow'; AsRoot = $false; Timeout = '2s'; Command = 'touch {0}/began; while ! test -e {0}/enough; do sleep 0.1; done; echo done >>{0}/done' }");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var journal = fixture.Begin();
        var run = fixture.RunAsync(journal, new ExecutionOptions { KillPatience = TimeSpan.FromMilliseconds(100) }, limit.Token);
        while (!File.Exists(fixture["began"])) await Task.Delay(20, limit.Token);
        fixture.Access.Outage = new ProdOpsException("Gone", ErrorKind.ResourceUnavailable, "The server is gone.");
        Assert.False(await run);
        Assert.Equal("slow:Unknown", fixture.States);
        Assert.Contains("does not answer to end it", Assert.Single(fixture.Failures).Message, StringComparison.Ordinal);
        fixture.Access.Outage = null;
        File.WriteAllText(fixture["enough"], "");
        Assert.True(await fixture.RunAsync(journal, null, limit.Token));
        Assert.Equal(["done"], await File.ReadAllLinesAsync(fixture["done"], limit.Token));
    }

    [UnixFact]
    public async Task A_person_is_asked_unless_it_was_confirmed_before()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'disk'; Manual = 'Order a disk.' }");
        fixture.Access = new TestAccess(fixture.Folder) { Answer = null };
        Assert.False(await fixture.RunAsync());
        Assert.Equal("disk:Failed", fixture.States);
        Assert.True(await fixture.RunAsync(new ExecutionOptions { Confirmed = ["Disk"] }));
        Assert.Equal(1, fixture.Access.Asked);
        fixture.Access = new TestAccess(fixture.Folder);
        Assert.True(await fixture.RunAsync());
    }

    [UnixFact]
    public async Task What_a_person_says_to_be_done_is_looked_at_where_it_can_be()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'disk'; AsRoot = $false; Manual = 'Put a disk there.'; Verify = 'test -e {0}/disk' }");
        var confirmed = new ExecutionOptions { Confirmed = ["disk"], VerifyPatience = TimeSpan.Zero };
        Assert.False(await fixture.RunAsync(confirmed));
        Assert.Contains("was done and is not well", Assert.Single(fixture.Failures).Message, StringComparison.Ordinal);
        File.WriteAllText(fixture["disk"], "");
        Assert.True(await fixture.RunAsync(confirmed));
        Assert.Equal(("disk:Succeeded", "confirmed before"), (fixture.States, fixture.Emitted[^1].Message));
    }

    [UnixFact]
    public async Task Checks_must_pass_after_a_step_and_are_given_a_moment()
    {
        using var fixture = new ExecutionFixture("""
            @{ Name = 'soon';  AsRoot = $false; Command = '(sleep 0.5; touch {0}/up) >/dev/null 2>&1 &'; Verify = 'test -e {0}/up' }
            @{ Name = 'never'; AsRoot = $false; Command = 'true'; Verify = 'test -e {0}/nothing'; DependsOn = @() }
            """);
        Assert.False(await fixture.RunAsync(new ExecutionOptions { VerifyPatience = TimeSpan.FromSeconds(5) }));
        Assert.Equal("soon:Succeeded never:Failed", fixture.States);
    }

    [UnixFact]
    public async Task What_was_done_is_taken_back_the_latest_first()
    {
        using var fixture = new ExecutionFixture("""
            @{ Name = 'a'; AsRoot = $false; Command = 'true'; Undo = 'echo a >>{0}/undone' }
            @{ Name = 'b'; AsRoot = $false; Command = 'true' }
            @{ Name = 'c'; AsRoot = $false; Command = 'true'; Undo = 'echo c >>{0}/undone' }
            """);
        using var journal = fixture.Begin();
        Assert.True(await fixture.RunAsync(journal));
        var undo = new RunUndo(journal, fixture.Plan, fixture.Steps(), fixture.Environment, fixture.Access, SilentActivity.Instance, TimeProvider.System);
        Assert.Equal("RecoveryUndoMissing", Assert.Throws<ProdOpsException>(() => undo.Find(["b"])).ErrorId);
        foreach (var step in undo.Find([])) Assert.Equal(RecoveryStepState.Undone, (await undo.UndoAsync(step, default)).State);
        Assert.Equal(["c", "a"], await File.ReadAllLinesAsync(fixture["undone"]));
        Assert.Equal(RecoveryRunStatus.Succeeded, RunHistory.Of(journal.Header, journal.Records, isOpen: false, default).Status);
        Assert.Empty(undo.Find([]));
    }

    [UnixFact]
    public async Task Taking_back_that_failed_is_done_again_and_keeps_away_while_another_run_is_at_work()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'a'; AsRoot = $false; Command = 'true'; Undo = 'test -e {0}/mended && echo a >>{0}/undone' }");
        using var journal = fixture.Begin();
        Assert.True(await fixture.RunAsync(journal));
        var undo = new RunUndo(journal, fixture.Plan, fixture.Steps(), fixture.Environment, fixture.Access, SilentActivity.Instance, TimeProvider.System);
        var step = Assert.Single(undo.Find([]));
        Assert.Equal("RecoveryCommandFailed", (await Assert.ThrowsAsync<ProdOpsException>(() => undo.UndoAsync(step, default))).ErrorId);
        File.WriteAllText(fixture["mended"], "");
        var other = new TargetLock(await fixture.Access.OpenShellAsync(step.Server, default), "other-run", "you@ops", asRoot: false);
        await other.TakeAsync(force: false, default);
        Assert.Equal("RecoveryTargetBusy", (await Assert.ThrowsAsync<ProdOpsException>(() => undo.UndoAsync(step, default))).ErrorId);
        await other.ReleaseAsync(isOver: true, default);
        Assert.Equal(RecoveryStepState.Undone, (await undo.UndoAsync(step, default)).State);
        Assert.Equal(["a"], await File.ReadAllLinesAsync(fixture["undone"]));
        await other.TakeAsync(force: false, default);
    }
}
