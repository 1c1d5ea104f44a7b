using ProdOps.Backup.Tests.Storage;
using ProdOps.Recovery.Plans;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Plans;

public sealed class PlanReaderTests
{
    private const string Path = "/srv/ops/plans/db1.recovery.psd1";

    [Fact]
    public void A_step_waits_for_the_one_above_unless_it_says_otherwise()
    {
        var plan = Read("@{ Name = 'a'; Command = 'true' }; @{ Name = 'b'; Command = 'true' }; @{ Name = 'c'; Command = 'true'; DependsOn = @() }; @{ Name = 'd'; Command = 'true'; DependsOn = 'A', 'c' }").Require();
        Assert.Equal(["", "a", "", "a,c"], plan.Steps.Select(step => string.Join(',', step.DependsOn)));
        Assert.Equal("db1", plan.Name);
    }

    [Theory]
    [InlineData("@{ Name = 'a'; Command = 'x'; Package = 'y' }", "PlanStepKind")]
    [InlineData("@{ Name = 'a'; Purpose = 'x' }", "PlanStepKind")]
    [InlineData("@{ Name = 'a'; Package = 'x'; Unless = 'y' }", "PlanKeyUnused")]
    [InlineData("@{ Name = 'a'; Command = 'x'; DependsOn = 'b' }", "PlanUnknownStep")]
    [InlineData("@{ Name = 'a'; Command = 'x' }; @{ Name = 'A'; Command = 'x' }", "PlanDuplicateStep")]
    [InlineData("@{ Name = 'a'; Command = 'x'; DependsOn = 'b' }; @{ Name = 'b'; Command = 'x'; DependsOn = 'a' }", "PlanStepCycle")]
    [InlineData("@{ Name = 'a'; Command = 'x'; DependsOn = 'a' }", "PlanStepCycle")]
    [InlineData("@{ Name = 'a'; File = @{ Path = '/x' } }", "PlanFileContent")]
    [InlineData("@{ Name = 'a'; File = @{ Path = '/x'; Content = ''; Link = 'y' } }", "PlanFileContent")]
    [InlineData("@{ Name = 'a'; File = @{ Path = 'x'; Content = '' } }", "InvalidValue")]
    [InlineData("@{ Name = 'a'; File = @{ Path = '/x/../etc/passwd'; Content = '' } }", "InvalidValue")]
    [InlineData("@{ Name = 'a'; File = @{ Path = '/x'; Secret = 'hunter2' } }", "SecretInClear")]
    [InlineData("@{ Name = 'a'; Package = '--purge' }", "InvalidValue")]
    [InlineData("@{ Name = 'a'; Service = '-H evil' }", "InvalidValue")]
    [InlineData("@{ Name = 'a'; User = @{ Name = '-o' } }", "InvalidValue")]
    [InlineData("@{ Name = 'a'; User = @{ Name = 'x'; Comment = 'a:b' } }", "InvalidValue")]
    [InlineData("@{ Name = 'a'; Command = 'x'; Secrets = @{ 'A;rm' = @{ Variable = 'X' } } }", "InvalidValue")]
    [InlineData("@{ Name = 'a'; Database = 'shop' }", "MissingKey")]
    [InlineData("@{ Name = 'a'; Wait = $true }", "MissingKey")]
    [InlineData("@{ Name = 'a'; Restore = 'x'; Before = '2026-11-27 14:00' }", "InvalidValue")]
    [InlineData("@{ Name = 'a'; Verify = @{ Http = 'http://x'; Tcp = 80 } }", "PlanCheckKind")]
    [InlineData("@{ Name = 'a'; Comand = 'x' }", "UnknownKey")]
    [InlineData("@{ Name = 'a'; Command = 'x'; Drill = @{ Command = 'y'; Wait = '1s' } }", "PlanStepKind")]
    public void What_is_wrong_is_told_with_its_line(string steps, string id)
    {
        var problems = Read(steps).Problems;
        var problem = Assert.Single(problems, problem => problem.Id == id);
        Assert.Equal((3, Path), (problem.Position.Line, problem.Position.File));
        Assert.DoesNotContain(problems, one => one.Message.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void Ten_thousand_steps_in_a_row_are_no_deep_thing()
    {
        string steps = string.Join('\n', Enumerable.Range(0, 10_000).Select(i => $"@{{ Name = 's{i}'; Command = 'true' }}"));
        Assert.Equal(10_000, Read(steps).Require().Steps.Count);
    }

    [Fact]
    public void Names_that_the_environment_does_not_have_are_told_with_the_nearest()
    {
        var environment = new ProdOpsEnvironment { Name = "shop", Path = "/srv/ops/environment.psd1", Servers = [new Server { Name = "db1" }], Backups = [new BackupSet { Name = "data" }] };
        string text = Text("@{ Name = 'a'; Restore = 'date' }\n@{ Name = 'b'; Command = 'x'; On = 'db2' }\n@{ Name = 'c'; Plan = 'db9' }\n@{ Name = 'd'; LoadBalancer = 'web' }");
        var problems = PlanReader.Parse(text, Path, environment).Problems;
        Assert.Equal([3, 4, 5, 6], problems.Select(problem => problem.Position.Line));
        Assert.All(problems, problem => Assert.Equal("PlanReferenceUnknown", problem.Id));
        Assert.Contains("'data'", problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_everybody_may_write_to_is_not_used()
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TemporaryFolder();
        string path = System.IO.Path.Combine(folder.Path, "db1.recovery.psd1");
        File.WriteAllText(path, Text("@{ Name = 'a'; Command = 'x' }"));
        Assert.Equal("a", PlanReader.Read(path, null).Require().Steps[0].Name);
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        Assert.Equal("RecoveryPlanUntrusted", Assert.Throws<ProdOpsException>(() => PlanReader.Read(path, null)).ErrorId);
    }

    [Fact]
    public void A_revision_is_the_text_and_the_files_beside_it()
    {
        using var folder = new TemporaryFolder();
        string path = System.IO.Path.Combine(folder.Path, "db1.recovery.psd1"), source = System.IO.Path.Combine(folder.Path, "motd");
        File.WriteAllText(path, Text("@{ Name = 'a'; File = @{ Path = '/etc/motd'; Source = 'motd' } }"));
        string[] revisions = [.. new[] { null, "one", "two", "one" }.Select(content =>
        {
            if (content is not null) File.WriteAllText(source, content);
            return PlanReader.Read(path, null).Plan.Revision;
        })];
        Assert.Equal(3, revisions.Distinct().Count());
        Assert.Equal(revisions[1], revisions[3]);
    }

    [Fact]
    public void Damaged_plans_are_read_or_told_about()
    {
        string[] seeds =
        [
            Text("@{ Name = 'a'; Package = 'nginx=1.2'; Verify = 'true', @{ Http = 'http://{server}/'; Status = 200 } }\n@{ Name = 'b'; File = @{ Path = '/etc/x'; Content = @'\nx\n'@; Mode = '644' }; DependsOn = @() }"),
            Text("@{ Name = 'a'; Command = \"echo `$x\"; Unless = 'y'; Secrets = @{ A = @{ File = 'k' } }; Drill = @{ Wait = '1s' } }; @{ Name = 'b'; User = @{ Name = 'u'; Id = 1; Groups = 'g' }; DependsOn = 'a' }"),
            Text("@{ Name = 'a'; Database = 'shop'; Set = 'db'; Before = '2026-11-27T14:03:00Z'; Timeout = '1h30m'; Attempts = 3 }; @{ Name = 'b'; Service = 'x'; Enabled = $true; RestartAfter = '/etc/x' }"),
        ];
        ParserFuzz.Run("recovery plan", text => PlanReader.Parse(text, Path, null), seeds);
    }

    private static PlanReading Read(string steps) => PlanReader.Parse(Text(steps), Path, environment: null);

    private static string Text(string steps) => $"@{{ Server = 'db1'\nSteps = @(\n{steps}\n) }}";
}
