using System.Globalization;
using System.Text.RegularExpressions;

namespace ProdOps.Lab.Tests.Logging;

/// <summary>The journal of a real systemd, which throws away what is old whether it was collected or not.</summary>
[Collection(LabCollection.Name)]
public sealed class JournalTests(Fleet fleet)
{
    [LabFact]
    public async Task Each_entry_comes_once_and_what_was_vacuumed_before_it_was_collected_is_told_as_a_gap()
    {
        var host = await fleet.UpAsync("web2");
        // The journal of a host outlives a test.
        string run = Guid.NewGuid().ToString("n");
        using var admin = new Admin(host);
        await admin.KeepLogsAsync("@{ Name = 'journal'; Journal = $true }");
        Task WriteAsync(int first, int count, string then = "") =>
            host.RunAsync($"seq -f 'entry %.0f of {run}' {first} {first + count - 1} | logger -t lab -p local0.warning; journalctl --sync; {then}");

        await WriteAsync(0, 300);
        Assert.Equal("0", await GapsAsync());
        await WriteAsync(300, 300, "journalctl --rotate 2>/dev/null");
        await WriteAsync(600, 100);
        Assert.Equal("0", await GapsAsync());

        await WriteAsync(700, 200, "journalctl --rotate 2>/dev/null; journalctl --vacuum-files=1 2>/dev/null");
        Assert.Equal("0", await host.RunAsync($"journalctl -q -o cat -t lab | grep -c '{run}' || true"));
        await WriteAsync(900, 100);
        var answer = await admin.RunAsync("Sync-Log");
        Assert.Equal("1", Assert.Single(answer.Clean).Properties["Gaps"].Value.ToString());
        Assert.Contains("web2: entries of the journal from ", answer.Said, StringComparison.Ordinal);
        Assert.Contains("are gone that were not collected (journal)", answer.Said, StringComparison.Ordinal);
        // It is told once.
        Assert.Equal("0", await GapsAsync());

        int[] kept = [.. (await admin.KeptAsync("web2", "journal")).Select(line => Regex.Match(line, $"entry ([0-9]+) of {run}")).Where(match => match.Success).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Equal([.. Enumerable.Range(0, 700), .. Enumerable.Range(900, 100)], kept);
        Assert.Equal("800", (await admin.RunAsync($"Search-Log 'of {run}' -Source journal -Level Warning -Where {{ $_.Program -eq 'lab' -and $_.Host -eq 'web2' }} -Count")).Text);

        async Task<string> GapsAsync() => Assert.Single((await admin.RunAsync("Sync-Log")).Clean).Properties["Gaps"].Value.ToString()!;
    }
}
