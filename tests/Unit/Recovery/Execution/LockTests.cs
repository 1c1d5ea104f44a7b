using System.Diagnostics;
using System.Globalization;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>Whatever ends Restore-Server gives its locks back. The built prodops does it.</summary>
public sealed class LockTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly PlanFolder _folder = new("@{ Name = 'shop'; Servers = @{ Name = 'web1'; Local = $true } }");

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task An_error_that_ends_the_command_gives_the_locks_back()
    {
        _folder.WritePlan("@{ Name = 'first'; AsRoot = $false; Directory = @{ Path = '{0}/srv' } }; @{ Name = 'bad'; AsRoot = $false; Command = 'test -e {0}/mended' }");
        Assert.Equal("RecoveryStepFailed", Id(await _folder.RunAsync("try { $null = Restore-Server web1 -Confirm:$false -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }")));
        AssertFree();
        Assert.Equal("RecoveryStepFailed", Id(await _folder.RunAsync("$null = Restore-Server web1 -Confirm:$false -ErrorVariable e -ErrorAction SilentlyContinue; $e[0].FullyQualifiedErrorId")));
        AssertFree();
        File.WriteAllText(_folder["mended"], "");
        // The latest goes on; the one before, which was ended halfway, is left as it is.
        Assert.Equal("Succeeded Interrupted", await _folder.RunAsync("$null = Restore-Server -Resume -Confirm:$false; \"$((Get-RecoveryRun).Status)\""));
        AssertFree();
    }

    [UnixFact]
    public async Task A_pipeline_that_wants_no_more_gives_the_locks_back()
    {
        _folder.WritePlan("@{ Name = 'first'; AsRoot = $false; Directory = @{ Path = '{0}/srv' } }; @{ Name = 'second'; AsRoot = $false; Directory = @{ Path = '{0}/srv/a' } }");
        Assert.Equal("first", await _folder.RunAsync("do { Restore-Server web1 -Confirm:$false | ForEach-Object { $_.Step; break } } while ($false)"));
        AssertFree();
        Assert.Equal("Succeeded", await _folder.RunAsync("$null = Restore-Server web1 -Confirm:$false; (Get-RecoveryRun)[0].Status"));
    }

    [UnixFact]
    public async Task Ctrl_C_gives_the_locks_back_and_a_command_that_goes_on_keeps_others_away_until_it_has_ended()
    {
        _folder.WritePlan("@{ Name = 'long'; AsRoot = $false; Command = 'touch {0}/began; while ! test -e {0}/enough; do sleep 0.1; done' }");
        using (var process = _folder.Start("Restore-Server web1 -Confirm:$false"))
        {
            await WaitAsync(() => File.Exists(_folder["began"]), "the command has not begun");
            using (var interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])) await interrupt.WaitForExitAsync();
            await process.WaitForExitAsync();
        }

        AssertFree();
        string refused = await _folder.RunAsync("try { Restore-Server web1 -Confirm:$false -ErrorAction Stop } catch { \"$($_.FullyQualifiedErrorId.Split(',')[0]) $_\"; @(Get-RecoveryRun).Count }");
        Assert.StartsWith("RecoveryTargetBusy A command of the run 'web1-", refused, StringComparison.Ordinal);
        // A run that was refused has not begun: it is not the one that -Resume goes on with.
        Assert.EndsWith("\n1", refused, StringComparison.Ordinal);
        AssertFree();
        File.WriteAllText(_folder["enough"], "");
        Assert.Equal("Succeeded adopted: its command had gone on and ended well", await _folder.RunAsync("Restore-Server -Resume -Confirm:$false | ForEach-Object { \"$($_.State) $($_.Message)\" }"));
        Assert.Equal("Succeeded", await _folder.RunAsync("Restore-Server web1 -Confirm:$false | ForEach-Object { $_.State }"));
        AssertFree();
    }

    private static string Id(string text) => text.Split(',')[0];

    private void AssertFree() => Assert.False(File.Exists(_folder["state/recovery/lock"]), "the lock is still there");

    private static async Task WaitAsync(Func<bool> condition, string otherwise)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Limit, otherwise);
            await Task.Delay(20);
        }
    }
}
