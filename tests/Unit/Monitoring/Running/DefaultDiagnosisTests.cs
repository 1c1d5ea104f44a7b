using System.Diagnostics;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Running;

/// <summary>What is looked at by default, on this very machine and with each shell that servers have.</summary>
public sealed class DefaultDiagnosisTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var one in DefaultDiagnoses.All) foreach (string shell in (string[])["dash", "bash --posix -u", "busybox sh"]) cases.Add(one.Name, shell);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_shell_shows_something_without_a_word_of_complaint(string name, string shell)
    {
        string[] words = shell.Split(' ');
        if (!OperatingSystem.IsLinux() || !Tool.IsInstalled(words[0])) return;
        string text = Text(name).Replace("timeout -s KILL 4", "timeout -s KILL 30", StringComparison.Ordinal);
        var variables = new Dictionary<string, string?> { ["PRODOPS_INSTANCE"] = name == "look at disk" ? "/dev/shm" : name == "look at network" ? "lo" : "no such'; touch /nowhere/prodops; '$(false)" };
        var result = Tool.Run(words[0], [.. words.Skip(1), "-c", text], variables);
        Assert.Equal("", result.Error);
        // A machine without systemd, journal and time service has nothing to say about them.
        if (name is not ("look at clock" or "look at service")) Assert.StartsWith("> ", result.Output, StringComparison.Ordinal);
        Assert.InRange(result.Output.Length, 0, 8000);
    }

    [LinuxFact]
    public async Task What_takes_the_processor_and_the_memory_stands_first_without_what_it_was_started_with()
    {
        using var busy = Process.Start(new ProcessStartInfo("sh", ["-c", ": --password=geheim; while :; do :; done"]) { RedirectStandardInput = true })!;
        try
        {
            var seen = await RunAsync("look at cpu", null);
            Assert.Equal(0, seen.ExitCode);
            string[] lines = seen.Output.Split('\n');
            Assert.Equal("> processes", lines[0]);
            // Others may be busier on this machine, not by much and not many.
            Assert.Contains(lines.Skip(2).Take(10), line => line.Contains($" {busy.Id} ", StringComparison.Ordinal));
            Assert.DoesNotContain("geheim", seen.Output, StringComparison.Ordinal);
            Assert.Contains(lines, line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        }
        finally
        {
            busy.Kill();
        }
    }

    [LinuxFact]
    public async Task What_fills_a_disk_stands_first_also_when_it_is_deleted_and_still_open()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["small"]);
        Directory.CreateDirectory(folder["logs and more"]);
        await File.WriteAllBytesAsync(folder["small/a"], new byte[100_000]);
        await File.WriteAllBytesAsync(folder["logs and more/big.log"], new byte[30_000_000]);
        await using (var open = new FileStream(folder["gone"], new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }))
        {
            await open.WriteAsync(new byte[9 * 1048576]);
            await open.FlushAsync();
            File.Delete(folder["gone"]);
            var seen = await RunAsync("look at disk", folder.Path);
            string[] lines = seen.Output.Split('\n');
            int at = Array.IndexOf(lines, "> the largest, MB");
            Assert.EndsWith(folder.Path, lines[at + 1], StringComparison.Ordinal);
            Assert.EndsWith(folder["logs and more"], lines[at + 2], StringComparison.Ordinal);
            Assert.Equal($"28 {folder["logs and more/big.log"]}", lines[at + 3].Trim());
            Assert.Contains(lines, line => line.Contains($" 9 {folder["gone"]} (deleted) (open in ", StringComparison.Ordinal));
        }
    }

    [LinuxFact]
    public async Task What_is_printed_is_bounded_and_says_nothing_to_a_terminal()
    {
        var hostile = new HealthAction { Name = "x", Command = "printf 'a\\033[31mb\\r\\tc\\n\\n'; head -c 100000 /dev/zero | tr '\\0' y", IsDiagnosis = true };
        var seen = await new ActionRunner((_, _) => Task.FromResult<IServerShell>(new LocalShell("here")), TimeProvider.System).RunAsync(hostile, Begun("x", null), null, default);
        Assert.StartsWith("a [31mb  c\n\nyyy", seen.Output, StringComparison.Ordinal);
        Assert.InRange(seen.Output.Length, 4000, 4100);
        var action = await new ActionRunner((_, _) => Task.FromResult<IServerShell>(new LocalShell("here")), TimeProvider.System).RunAsync(hostile with { IsDiagnosis = false }, Begun("x", null), null, default);
        Assert.EndsWith("yyy", action.Output, StringComparison.Ordinal);
        Assert.StartsWith("…", action.Output, StringComparison.Ordinal);
    }

    private static string Text(string name) => DefaultDiagnoses.All.Single(one => one.Name == name).Command;

    private static ActionBegun Begun(string name, string? instance) => new(name, new CheckKey("web1", "disk.used", instance), HealthState.Critical, 1) { Number = 1 };

    private static Task<ActionOutcome> RunAsync(string name, string? instance) =>
        new ActionRunner((_, _) => Task.FromResult<IServerShell>(new LocalShell("here")), TimeProvider.System)
            .RunAsync(DefaultDiagnoses.All.Single(one => one.Name == name) with { Timeout = TimeSpan.FromMinutes(2) }, Begun(name, instance), 97, default);
}
