using System.Diagnostics;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>The process that carries a plan out is killed with SIGKILL, at lines of its journal and in the middle of each kind of step, and -Resume goes on. The built prodops does it.</summary>
public sealed class KilledRunTests
{
    private const string Steps = """
        @{ Name = 'folder'; AsRoot = $false; Directory = @{ Path = '{0}/srv' } }
        @{ Name = 'once';   AsRoot = $false; Command = 'touch {0}/mark-once; sleep 0.7; echo x >>{0}/once' }
        @{ Name = 'file';   AsRoot = $false; File = @{ Path = '{0}/srv/a'; Content = 'a' }; Verify = 'touch {0}/mark-verify; sleep 0.5; test -s {0}/srv/a' }
        @{ Name = 'files';  AsRoot = $false; File = @( FILES ) }
        @{ Name = 'wait';   Wait = '700ms' }
        @{ Name = 'proof';  AsRoot = $false; Verify = 'touch {0}/mark-proof; sleep 0.5; grep -q x {0}/once' }
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [UnixFact]
    public async Task A_run_whose_process_is_killed_at_any_moment_ends_the_same_when_it_is_resumed()
    {
        // Within a command, within a check after a step, and by the lines of the journal: 2 is the first step under way, 7 and 8 lie in the third, and so on.
        object[] moments = ["mark-once", 7, "mark-verify", 12, 2, 3, 4, 5, 6, 8, 9, 10, 11, 13, "mark-proof"];
        foreach (object moment in moments.Take(Effort.Of(full: moments.Length, usual: 2))) await KillAndResumeAsync(moment);
    }

    private static async Task KillAndResumeAsync(object moment)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["plans"]);
        string files = string.Join(", ", Enumerable.Range(0, 200).Select(i => $"@{{ Path = '{folder.Path}/srv/f{i}'; Content = '{i}' }}"));
        await File.WriteAllTextAsync(folder["environment.psd1"], "@{ Name = 'shop'; Servers = @{ Name = 'web1'; Local = $true } }");
        await File.WriteAllTextAsync(folder["plans/web1.recovery.psd1"], $"@{{ Server = 'web1'; Steps = @(\n{Steps.Replace("{0}", folder.Path, StringComparison.Ordinal).Replace("FILES", files, StringComparison.Ordinal)}\n) }}");
        using (var process = Start(folder.Path, "Restore-Server web1 -Confirm:$false"))
        {
            long begun = Stopwatch.GetTimestamp();
            while (!IsReached(folder, moment) && !process.HasExited)
            {
                Assert.True(Stopwatch.GetElapsedTime(begun) < Limit, $"{moment} was not reached");
                await Task.Delay(5);
            }

            process.Kill();
            await process.WaitForExitAsync();
        }

        using (var process = Start(folder.Path, "$null = Restore-Server -Resume -Confirm:$false; \"$((Get-RecoveryRun).Status)\"; Restore-Server web1 -Step folder, files -Confirm:$false | Where-Object { $_.Step -in 'folder', 'files' } | ForEach-Object { \"$($_.State)\" }"))
        {
            string output = await process.StandardOutput.ReadToEndAsync(), error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is ["Succeeded", "AlreadyOk", "AlreadyOk"], $"{moment}: {output}{error}");
        }

        Assert.Equal("x", (await File.ReadAllTextAsync(folder["once"])).Trim());
        Assert.Equal("a", await File.ReadAllTextAsync(folder["srv/a"]));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), Enumerable.Range(0, 200).Select(i => File.ReadAllText(folder[$"srv/f{i}"])));
    }

    private static bool IsReached(TemporaryFolder folder, object moment)
    {
        if (moment is string mark) return File.Exists(folder[mark]);
        string journals = folder["data/prodops/recovery-runs"];
        if (!Directory.Exists(journals) || Directory.GetFiles(journals) is not [var path]) return false;
        return JournalFile.Read(journals, Path.GetFileNameWithoutExtension(path)).Length >= (int)moment;
    }

    private static Process Start(string folder, string command)
    {
        var start = new ProcessStartInfo(Built.Host, ["-NoProfile", "-NonInteractive", "-Command", command]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("PSModulePath");
        start.Environment["PRODOPS_MODULE"] = Built.Module;
        start.Environment["XDG_DATA_HOME"] = Path.Combine(folder, "data");
        // Whoever else runs this test on this machine at the same time has locks of its own.
        start.Environment["PRODOPS_STATE"] = Path.Combine(folder, "state");
        return Process.Start(start)!;
    }
}
