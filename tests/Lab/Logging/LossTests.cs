namespace ProdOps.Lab.Tests.Logging;

/// <summary>Servers that are lost while they are collected from, and servers that are not there.</summary>
[Collection(LabCollection.Name)]
public sealed class LossTests(Fleet fleet)
{
    private const string Source = "@{ Name = 'app'; Path = '/var/log/lab/app.log' }";

    // A server so slow that the cable is cut in the middle however fast this machine is: what compresses takes 12 MB and then no more.
    private const string SlowGzip = """
        printf '#!/bin/sh\n{ head -c 12000000; exec sleep 611; } | /bin/gzip "$@"\n' >/usr/local/bin/gzip
        chmod 755 /usr/local/bin/gzip
        """;

    private const string RightGzip = "rm -f /usr/local/bin/gzip; pkill -fx 'sleep 611' || true";

    [LabFact]
    public async Task A_cable_cut_costs_no_line_and_brings_none_twice_and_no_other_server_waits()
    {
        var hosts = await fleet.UpAsync("web1", "victim1");
        var victim = hosts[1];
        foreach (var host in hosts) await host.RunAsync($"rm -rf /var/log/lab; mkdir -p /var/log/lab; echo 'the first line of {host.Name}' >/var/log/lab/app.log");
        await victim.RunAsync($"head -c 15000000 /dev/urandom | base64 -w 120 >>/var/log/lab/app.log; {SlowGzip}");
        using var admin = Admin.Impatient(hosts);
        await admin.KeepLogsAsync(Source);
        try
        {
            var running = admin.Start("Sync-Log");
            await LogAdmin.UntilAsync(() => admin.KeptSize("victim1", "app") > 1_000_000 && admin.KeptSize("web1", "app") > 0, "lines of both are kept");
            await victim.CutAsync();
            var cut = await running.EndAsync();
            Assert.Equal("web1 1", Lines(cut));
            Assert.Equal(("ConnectionLost", "victim1"), (cut.ErrorId, cut.Error.TargetObject.ToString()));
            Assert.Contains("victim1", cut.Error.ToString(), StringComparison.Ordinal);

            // And now it is not there at all.
            await hosts[0].RunAsync("echo 'the second line' >>/var/log/lab/app.log");
            var down = await admin.RunAsync("Sync-Log -ConnectTimeoutSec 3");
            Assert.Equal("web1 1", Lines(down));
            Assert.Equal("victim1", down.Error.TargetObject.ToString());
            Assert.Contains(down.ErrorId, new[] { "ConnectTimedOut", "ServerUnreachable" });
            Assert.InRange(down.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        }
        finally
        {
            await victim.PlugAsync();
            await victim.RunAsync(RightGzip);
        }

        string[] written = (await victim.RunAsync("cat /var/log/lab/app.log")).Split('\n');
        int part = (await admin.KeptAsync("victim1", "app")).Length;
        Assert.InRange(part, 1, written.Length - 1);
        Assert.Equal($"{written.Length - part}", (await admin.RunAsync("(Sync-Log -Server victim1).Lines")).Text);
        Assert.Equal(written, await admin.KeptAsync("victim1", "app"));
        Assert.Equal("0", (await admin.RunAsync("(Sync-Log -Server victim1).Lines")).Text);
    }

    /// <summary>How many lines came of which server, beside errors.</summary>
    private static string Lines(Answer answer)
    {
        var result = Assert.Single(answer.Output);
        return $"{result.Properties["Server"].Value} {result.Properties["Lines"].Value}";
    }
}
