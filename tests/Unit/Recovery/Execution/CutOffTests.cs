using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>A run that ends at any moment, and goes on: before and after each line of the journal, which are all the moments between two steps and within one.</summary>
public sealed class CutOffTests
{
    /// <summary>A command of which nobody could tell whether it was done, between steps that can be looked at.</summary>
    private const string Steps = """
        @{ Name = 'folder'; AsRoot = $false; Directory = @{ Path = '{0}/srv' } }
        @{ Name = 'once';   AsRoot = $false; Command = 'sleep 0.05; echo x >>{0}/once' }
        @{ Name = 'file';   AsRoot = $false; File = @{ Path = '{0}/srv/a'; Content = 'a' }; Verify = 'test -s {0}/srv/a' }
        @{ Name = 'side';   AsRoot = $false; Command = 'echo y >>{0}/side'; DependsOn = 'folder' }
        @{ Name = 'within'; Plan = 'inner'; DependsOn = 'file' }
        @{ Name = 'person'; AsRoot = $false; Manual = 'Look whether all is well.'; Verify = 'test -s {0}/srv/a'; DependsOn = 'within' }
        """;

    [UnixFact]
    public async Task A_run_that_is_cut_off_at_any_moment_goes_on_and_ends_the_same()
    {
        int moments = 0;
        using (var whole = Start())
        using (var journal = whole.Begin())
        {
            journal.Moments = (_, _) => moments++;
            Assert.True(await whole.RunAsync(journal));
        }

        Assert.InRange(moments, 28, 100);
        int stride = Effort.Of(full: 1, usual: 3);
        for (int end = 0; end < moments; end += stride)
        {
            using var fixture = Start();
            string run;
            using (var journal = fixture.Begin())
            {
                run = journal.Header.Run;
                int left = end;
                // A dead process writes nothing more, whatever else it had in hand.
                journal.Moments = (_, _) => { if (left-- <= 0) throw Died(fixture); };
                await Assert.ThrowsAsync<ProcessDied>(() => fixture.RunAsync(journal));
            }

            fixture.Access.IsDead = false;
            using (var journal = RunJournal.Open(fixture.Journals, run, TimeProvider.System))
                Assert.True(await fixture.RunAsync(journal), $"moment {end}: {string.Join('\n', fixture.Failures.Select(error => error.Message))}");
            Assert.Equal("x", (await File.ReadAllTextAsync(fixture["once"])).Trim());
            Assert.Equal("y", (await File.ReadAllTextAsync(fixture["side"])).Trim());
            Assert.Equal("a", await File.ReadAllTextAsync(fixture["srv/a"]));
            Assert.Equal("z", (await File.ReadAllTextAsync(fixture["inner"])).Trim());
            // Who was being asked when it ended is asked once more.
            Assert.InRange(fixture.Access.Asked, 1, 2);
        }

        static ExecutionFixture Start()
        {
            var fixture = new ExecutionFixture(Steps);
            File.WriteAllText(PlanFiles.PathOf(fixture.Environment, "inner"), $"@{{ Server = 'web1'; Steps = @( @{{ Name = 'first'; AsRoot = $false; Command = 'echo z >>{fixture.Folder}/inner' }} ) }}");
            return fixture;
        }
    }

    [UnixFact]
    public async Task A_command_that_was_ended_from_outside_is_not_done_twice_unless_somebody_says_so()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'once'; AsRoot = $false; Command = 'echo x >>{0}/once; [ -e {0}/again ] || kill -9 -$(cut -d\" \" -f5 /proc/$$/stat)' }");
        string run;
        using (var journal = fixture.Begin())
        {
            run = journal.Header.Run;
            Assert.False(await fixture.RunAsync(journal));
            Assert.Equal("once:Unknown", fixture.States);
        }

        await File.WriteAllTextAsync(fixture["again"], "");
        using (var journal = RunJournal.Open(fixture.Journals, run, TimeProvider.System)) Assert.False(await fixture.RunAsync(journal));
        Assert.Equal("x\n", await File.ReadAllTextAsync(fixture["once"]));
        Assert.Contains(fixture.Failures, error => error.Message.Contains("-Confirmed", StringComparison.Ordinal) || error.Recommendation!.Contains("-Confirmed", StringComparison.Ordinal));
        using (var journal = RunJournal.Open(fixture.Journals, run, TimeProvider.System)) Assert.True(await fixture.RunAsync(journal, new ExecutionOptions { Redo = ["once"] }));
        Assert.Equal("x\nx\n", await File.ReadAllTextAsync(fixture["once"]));
    }

    [UnixFact]
    public async Task Another_run_on_the_same_server_is_refused_until_the_first_was_resumed()
    {
        using var fixture = new ExecutionFixture("@{ Name = 'a'; AsRoot = $false; Command = 'touch {0}/a' }");
        string run;
        using (var journal = fixture.Begin())
        {
            run = journal.Header.Run;
            journal.Moments = (record, written) => { if (written && record.State == RecoveryStepState.Running) throw Died(fixture); };
            await Assert.ThrowsAsync<ProcessDied>(() => fixture.RunAsync(journal));
        }

        fixture.Access.IsDead = false;
        var refused = await Assert.ThrowsAsync<ProdOpsException>(() => fixture.RunAsync());
        Assert.Equal("RecoveryTargetBusy", refused.ErrorId);
        Assert.Contains($"'{run}' of me@ops, since 20", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"Restore-Server -Resume -Run {run} ", refused.Recommendation, StringComparison.Ordinal);
        using (var journal = RunJournal.Open(fixture.Journals, run, TimeProvider.System)) Assert.True(await fixture.RunAsync(journal));
        Assert.True(await fixture.RunAsync());
    }

    private static ProcessDied Died(ExecutionFixture fixture)
    {
        fixture.Access.IsDead = true;
        return new ProcessDied();
    }

    private sealed class ProcessDied : Exception;
}
