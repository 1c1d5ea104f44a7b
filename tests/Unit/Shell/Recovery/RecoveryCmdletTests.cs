using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.Recovery;

/// <summary>The recovery cmdlets through the built module, on this machine: a plan with this machine as its server.</summary>
public sealed class RecoveryCmdletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-recovery-").FullName;
    private readonly string _server = "here-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Engine _engine = new();

    public RecoveryCmdletTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "plans"));
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), $"@{{ Name = 'shop'; Servers = @{{ Name = '{_server}'; Local = $true }}, @{{ Name = 'web2'; Address = '127.0.0.2' }} }}");
        WritePlan(_server, "@{ Name = 'ask'; Manual = 'Order a disk.' }; @{ Name = 'look'; Verify = 'true' }");
        WritePlan("broken", "@{ Name = 'a'; Command = 'x'; DependsOn = 'b' }");
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    public void Dispose()
    {
        // The journals of this test's runs lie with the user's.
        foreach (var run in _engine.Run($"Get-RecoveryRun -Plan '{_server}' | ForEach-Object {{ $_.Run }}"))
            File.Delete(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "prodops", "recovery-runs", run + ".jsonl"));
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Plans_are_objects_and_one_with_errors_does_not_hide_the_others()
    {
        using var shell = _engine.Shell("Get-RecoveryPlan | ForEach-Object { \"$($_.Name) $($_.Steps.Count)\" }");
        Assert.Equal($"{_server} 2", Assert.Single(shell.Invoke()).ToString());
        var error = Assert.Single(shell.Streams.Error);
        Assert.Equal("RecoveryPlanInvalid", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("broken.recovery.psd1:2:", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-RecoveryPlan wep1", "RecoveryPlanNotFound")]
    [InlineData("Restore-Server broken -Confirm:$false", "RecoveryPlanInvalid")]
    [InlineData("Restore-Server nothing -Confirm:$false", "RecoveryPlanNotFound")]
    [InlineData("Restore-Server -Resume -Run nothing-20200101-000000 -Confirm:$false", "RecoveryRunNotFound")]
    [InlineData("Restore-Server -Resume -Run ../x -Confirm:$false", "RecoveryRunNotFound")]
    [InlineData("Restore-Server HERE -Step loook -Confirm:$false", "RecoveryStepNotFound")]
    [InlineData("Restore-Server HERE -Target web2 -Confirm:$false", "RecoveryPreflightFailed")]
    [InlineData("Test-RecoveryPlan HERE -Drill -Target HERE -Confirm:$false", "RecoveryDrillTarget")]
    [InlineData("Export-RecoveryPlan wep1", "RecoveryPlanNotFound")]
    [InlineData("Compare-RecoveryPlan HERE", "RecoveryRevisionNotFound")]
    [InlineData("Compare-RecoveryPlan HERE zz", "RecoveryRevisionNotFound")]
    [InlineData("Get-RecoveryRun nothing-20200101-000000", "RecoveryRunNotFound")]
    [InlineData("Undo-RecoveryStep nothing-20200101-000000 -Confirm:$false", "RecoveryRunNotFound")]
    public void What_cannot_be_done_is_said_by_its_id(string script, string id)
    {
        using var shell = _engine.Shell($"try {{ {script.Replace("HERE", _server, StringComparison.Ordinal)} -ErrorAction Stop }} catch {{ $_ }}");
        var error = Assert.IsType<ErrorRecord>(Assert.Single(shell.Invoke()).BaseObject);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_run_is_planned_carried_out_and_remembered()
    {
        Assert.Equal(["ask Planned", "look AlreadyOk"], Texts($"Restore-Server {_server} -WhatIf | ForEach-Object {{ \"$($_.Step) $($_.State)\" }}"));
        Assert.Empty(_engine.Run($"Get-RecoveryRun -Plan {_server}"));

        Assert.Equal(["ask Succeeded", "look Succeeded"], Texts($"Get-RecoveryPlan {_server} | Restore-Server -Confirmed ask -Confirm:$false | ForEach-Object {{ \"$($_.Step) $($_.State)\" }}"));
        string run = Assert.Single(Texts($"Get-RecoveryRun -Server {_server} | ForEach-Object {{ \"$($_.Status) $($_.Run)\" }}"));
        Assert.StartsWith($"Succeeded {_server}-", run, StringComparison.Ordinal);
        Assert.Equal([run.Split(' ')[1]], Complete($"Restore-Server -Resume -Run {_server}"));
        Assert.Equal(["ask", "look"], Complete($"Restore-Server {_server} -Step ").Order());
        Assert.Contains("broken", Complete("Restore-Server b"));
    }

    [Fact]
    public void A_plan_is_tested_exported_and_compared_with_what_it_was()
    {
        Assert.Equal(["File Passed", "Target Passed", "Drill Warning"], Texts($"Test-RecoveryPlan {_server} | ForEach-Object {{ \"$($_.Check) $($_.Status)\" }}"));
        using (var shell = _engine.Shell("Test-RecoveryPlan broken | ForEach-Object { \"$($_.Check) $($_.Status) $($_.Line)\" }")) Assert.Equal(["File Failed 2"], shell.Invoke().Select(text => text.ToString()));
        Assert.Contains("Order a disk.", Assert.Single(Texts($"Export-RecoveryPlan {_server}")), StringComparison.Ordinal);
        string page = Path.Combine(_folder, "runbook.html");
        Assert.Empty(Texts($"Export-RecoveryPlan {_server} -Path '{page}' -WhatIf"));
        Assert.False(File.Exists(page));
        Assert.Equal([page], Texts($"Export-RecoveryPlan {_server} -Path '{page}'"));
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(page), StringComparison.Ordinal);

        WritePlan(_server, "@{ Name = 'ask'; Manual = 'Order two disks.' }; @{ Name = 'look'; Verify = 'true' }");
        Assert.Equal(["ask Changed"], Texts($"Compare-RecoveryPlan {_server} | ForEach-Object {{ \"$($_.Step) $($_.Change)\" }}"));
        Assert.Equal(["True", "False"], Texts($"Get-RecoveryPlanRevision {_server} | ForEach-Object {{ \"$($_.IsCurrent)\" }}"));
    }

    private void WritePlan(string name, string steps) => File.WriteAllText(Path.Combine(_folder, "plans", name + ".recovery.psd1"), $"@{{ Server = '{_server}'; Steps = @(\n{steps}) }}");

    private IEnumerable<string> Texts(string script) => _engine.Run(script).Select(text => text.ToString());

    private IEnumerable<string> Complete(string line)
    {
        using var shell = _engine.Shell("param($text) [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches | ForEach-Object { $_.CompletionText }").AddArgument(line);
        return [.. shell.Invoke().Select(text => text.ToString())];
    }
}
