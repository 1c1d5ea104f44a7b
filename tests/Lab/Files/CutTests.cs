using System.Globalization;

namespace ProdOps.Lab.Tests.Files;

/// <summary>Copies of one large file that come to a sudden end, and those that go on with them.</summary>
[Collection(LabCollection.Name)]
public sealed class CutTests(Fleet fleet)
{
    [LabTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_that_is_killed_at_any_moment_is_gone_on_with_and_the_old_file_stands_until_then(bool toServer)
    {
        var host = await fleet.UpAsync("web1");
        using var admin = new Admin(host);
        var file = new BigFile(admin, host, toServer, toServer ? "killed-to" : "killed-from");
        await file.MakeAsync();
        var random = new Random(toServer ? 11 : 12);
        long arrived = 0;
        for (int round = 1, late = 0; round <= 3; round++)
        {
            using var process = HostProcess.Start(["-Command", file.Command]);
            bool inTime = await file.WaitAsync(arrived + random.Next(1, BigFile.Megabytes / 5 << 20));
            process.Kill();
            await process.WaitForExitAsync();
            // On a busy machine the rest may have come between the look and the kill.
            if (!inTime || await file.IsDoneAsync())
            {
                Assert.True(++late < 10, "the copy is always done before it can be killed");
                await file.StartOverAsync();
                (round, arrived) = (0, 0);
                continue;
            }

            await file.AssertUntouchedAsync();
            // What has come by then counts for the next one.
            long now = await file.ArrivedAsync();
            Assert.True(now > arrived, $"round {round}: {arrived} bytes before, {now} after");
            arrived = now;
        }

        using var last = HostProcess.Start(["-OutputFormat", "Json", "-Command", file.Command]);
        var result = await Task.Run(() => HostProcess.Wait(last));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.InRange(System.Text.Json.JsonDocument.Parse(result.Output).RootElement.GetProperty("Resumed").GetInt64(), arrived, (long)BigFile.Megabytes << 20);
        await file.AssertDoneAsync();
        await file.RemoveAsync();
    }

    [LabTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_whose_cable_is_cut_ends_with_an_error_and_the_next_one_goes_on_with_it(bool toServer)
    {
        var host = await fleet.UpAsync("victim1");
        using var admin = new Admin($"ConfigFile = 'ssh_config'", $"@{{ Name = 'victim1'; Address = '{host.Address}' }}");
        await File.WriteAllTextAsync(Path.Combine(admin.Folder, "ssh_config"), $"""
            User root
            IdentityFile {Fleet.Key}
            UserKnownHostsFile {Fleet.KnownHosts}
            ServerAliveInterval 1
            ServerAliveCountMax 2

            """);
        var file = new BigFile(admin, host, toServer, toServer ? "cut-to" : "cut-from");
        await file.MakeAsync();
        var running = admin.Start(file.Command);
        await file.WaitAsync(BigFile.Megabytes / 8 << 20);
        await host.CutAsync();
        try
        {
            var cut = await running.EndAsync();
            Assert.Contains("victim1", cut.Error.ToString());
            Assert.Contains(cut.ErrorId, new[] { "ConnectionLost", "TransferCut" });
            await file.AssertUntouchedAsync();
        }
        finally
        {
            await host.PlugAsync();
        }

        // A server that has not noticed the cut yet still holds what came: what received it ends, as it will when the server notices.
        if (toServer) await host.RunAsync("pkill -x cat || true; while pgrep -x cat; do :; done");
        long arrived = await file.ArrivedAsync();
        var answer = await admin.RunAsync(file.Command);
        Assert.InRange(Convert.ToInt64(Assert.Single(answer.Clean).Properties["Resumed"].Value, CultureInfo.InvariantCulture), arrived, (long)BigFile.Megabytes << 20);
        await file.AssertDoneAsync();
        await file.RemoveAsync();
    }
}
