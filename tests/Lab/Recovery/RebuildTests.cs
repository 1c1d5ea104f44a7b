using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace ProdOps.Lab.Tests.Recovery;

/// <summary>Living servers were captured and backed up. They are thrown away, and their plans build them anew on blank hosts: by Restore-Server, on a spare host, and by hand.</summary>
[Collection(LabCollection.Name)]
public sealed partial class RebuildTests(Fleet fleet, LostShopFixture fixture, ITestOutputHelper output) : IClassFixture<LostShopFixture>
{
    private static readonly TimeSpan Promise = TimeSpan.FromMinutes(2);

    [LabFact]
    public async Task Servers_that_were_thrown_away_are_built_anew_as_they_were_and_the_shop_answers_again()
    {
        var shop = await fixture.OfAsync(fleet);
        var steps = await fixture.Admin.RunAsync("Get-RecoveryPlan dbnew1, webnew1, lbnew1 | ForEach-Object { $_.Steps } | ForEach-Object { \"$($_.Kind) $($_.Name) $($_.Text)\" }");
        // All of it is in backups or can be made: nobody has to be there.
        Assert.DoesNotContain(steps.Sorted, step => step.StartsWith("Manual", StringComparison.Ordinal));
        string plans = string.Concat(Directory.GetFiles(Path.Combine(fixture.Admin.Folder, "plans"), "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.All((string[])["correct-horse", "battery-staple", "PRIVATE KEY"], secret => Assert.DoesNotContain(secret, plans, StringComparison.Ordinal));

        await fleet.BootAsync("blank", LostShop.Names);
        await Task.WhenAll(LostShop.Names.Select(RestoreAsync));
        Assert.Equal("500", await shop.Database.RunAsync("runuser -u postgres -- psql -A -t shop -c 'select count(*) from orders'"));
        await LostShopFixture.AnswersAsync(shop);
        await shop.Balancer.WaitAsync($"ip -o addr show dev host0 | grep -q \"inet {shop.Address}/\"");
        await fixture.AssertSameAsync(LostShop.Names);
    }

    [LabFact]
    public async Task A_drill_on_a_spare_host_is_timed_and_reaches_nothing_that_is_in_use()
    {
        var shop = await fixture.OfAsync(fleet);
        var spare = shop.Spare;
        // What others would notice, and is left out.
        string plan = Path.Combine(fixture.Admin.Folder, "plans", "dbnew1.recovery.psd1");
        string text = await File.ReadAllTextAsync(plan);
        await File.WriteAllTextAsync(Path.Combine(fixture.Admin.Folder, "plans", "drilled.recovery.psd1"), text[..text.LastIndexOf(')')] + "    @{ Name = 'pool'; On = 'webnew1'; LoadBalancer = 'shop'; Action = 'Disable' }\n        @{ Name = 'address'; On = 'lbnew2'; Address = 'shop' }\n    )\n}\n");
        Assert.Equal("RecoveryDrillTarget", (await fixture.Admin.RunAsync("Test-RecoveryPlan drilled -Drill -Target webnew1 -Force -Confirm:$false")).ErrorId);
        var drill = await fixture.Admin.RunAsync($"Test-RecoveryPlan drilled -Drill -Target dbspare1 -Confirm:$false | ForEach-Object {{ \"$($_.State) $($_.Step) $($_.Message) $($_.Error)\" }}");
        Assert.All(drill.Sorted, step => Assert.Matches("^(Succeeded|AlreadyOk) ", step));
        Assert.Equal("500", await spare.RunAsync("runuser -u postgres -- psql -A -t shop -c 'select count(*) from orders'"));
        await LostShopFixture.AnswersAsync(shop);
        // Neither way, while what installs packages goes on to be reached.
        Assert.Equal("no", await spare.RunAsync($"curl -s -m 5 -o /dev/null http://{shop.Web.Address}:8080/ && echo yes || echo no"));
        Assert.Equal("no", await shop.Web.RunAsync($"timeout 3 bash -c ': </dev/tcp/{spare.Address}/5432' 2>/dev/null && echo yes || echo no"));
        Assert.Equal("yes", await spare.RunAsync($"curl -s -m 5 -o /dev/null http://{shop.Second.Address}:8099/Packages && echo yes || echo no"));

        dynamic run = (await fixture.Admin.RunAsync("@(Get-RecoveryRun -Plan drilled -Drill)[0]")).Clean.Single();
        Assert.Equal(["pool", "address"], ((IEnumerable<dynamic>)run.Steps).Where(step => step.State.ToString() == "Skipped").Select(step => (string)step.Step));
        output.WriteLine($"drill: {(TimeSpan)run.Duration}, data {(TimeSpan)run.DataAge} old");
        Assert.InRange((TimeSpan)run.Duration, TimeSpan.FromSeconds(1), Promise);
        Assert.InRange((TimeSpan)run.DataAge, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30));
        Assert.Equal(["Drill Passed"], (await fixture.Admin.RunAsync("Test-RecoveryPlan drilled | Where-Object { $_.Check -eq 'Drill' } | ForEach-Object { \"$($_.Check) $($_.Status)\" }")).Sorted);
        Assert.Equal(["OK drilled", "Warning webnew1"], (await fixture.Admin.RunAsync("Test-HealthCheck -Kind Drill -Target *ed | ForEach-Object { \"$($_.State) $($_.Instance)\" }; Test-HealthCheck -Kind Drill -Target web* | ForEach-Object { \"$($_.State) $($_.Instance)\" }")).Sorted);
        File.Delete(Path.Combine(fixture.Admin.Folder, "plans", "drilled.recovery.psd1"));
        await WipeAsync(spare);
        await spare.KillAsync();
    }

    [LabFact]
    public async Task A_person_with_the_runbook_and_plain_tools_builds_the_same_server()
    {
        var shop = await fixture.OfAsync(fleet);
        string markdown = (await fixture.Admin.RunAsync("Export-RecoveryPlan dbnew1")).Text;
        await fleet.BootAsync("blank", "dbnew1");
        // The admin machine is gone: what the person has is the text, sh, ssh, restic and its password.
        string tools = Directory.CreateDirectory(Path.Combine(fixture.Admin.Folder, "tools")).FullName, ssh = Path.Combine(tools, "ssh");
        await File.WriteAllTextAsync(ssh, $"#!/bin/sh\nexec /usr/bin/ssh -F none -i '{Fleet.Key}' -o UserKnownHostsFile='{Fleet.KnownHosts}' -o BatchMode=yes \"$@\"\n");
        File.SetUnixFileMode(ssh, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        long begun = Stopwatch.GetTimestamp();
        int blocks = 0;
        foreach (Match block in Blocks().Matches(markdown))
        {
            blocks++;
            bool here = block.Groups["where"].Value == "the machine at hand";
            var (code, said) = await RunAsync(tools, block.Groups["commands"].Value, here ? ["sh", "-eu"] : [ssh, $"root@{shop.Database.Address}", "sh -eu"]);
            Assert.True(code == 0, $"{block.Value}\nended with {code}: {said}");
        }

        output.WriteLine($"by hand: {blocks} texts of commands, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
        Assert.InRange(blocks, 10, 200);
        Assert.Equal("500", await shop.Database.RunAsync("runuser -u postgres -- psql -A -t shop -c 'select count(*) from orders'"));
        await LostShopFixture.AnswersAsync(shop);
        await fixture.AssertSameAsync("dbnew1");
    }

    /// <summary>What a drill has brought to the spare host is gone afterwards, if that is asked for: data and secrets above all.</summary>
    private async Task WipeAsync(LabHost spare)
    {
        string plan = Path.Combine(fixture.Admin.Folder, "plans", "wiped.recovery.psd1");
        await File.WriteAllTextAsync(plan, """
            @{ Server = 'dbnew1'; Steps = @(
                @{ Name = 'group'; Group = @{ Name = 'wiped' } }
                @{ Name = 'user'; User = @{ Name = 'wiped'; Group = 'wiped' } }
                @{ Name = 'directory'; Directory = @{ Path = '/srv/wiped' } }
                @{ Name = 'file'; File = @{ Path = '/srv/kept'; Content = 'a' }, @{ Path = '/srv/wiped/key'; Secret = @{ File = '../key' } } }
                @{ Name = 'restore'; Restore = 'dbfiles'; Paths = '/etc/shop'; To = '/srv/restored' }
                @{ Name = 'database'; Database = 'wiped'; FromDatabase = 'shop'; Set = 'dumps' }
                @{ Name = 'command'; Command = 'touch /srv/done'; Undo = 'rm /srv/done' }
            ) }
            """);
        await spare.RunAsync("echo before >/srv/kept");
        var drill = await fixture.Admin.RunAsync("Test-RecoveryPlan wiped -Drill -Target dbspare1 -Wipe -Confirm:$false | ForEach-Object { \"$($_.State) $($_.Step)\" }");
        File.Delete(plan);
        Assert.Equal(7, drill.Sorted.Count(step => step.StartsWith("Succeeded ", StringComparison.Ordinal)));
        Assert.Equal(7, drill.Sorted.Count(step => step.StartsWith("Undone ", StringComparison.Ordinal)));
        Assert.Equal("a", await spare.RunAsync("cat /srv/kept; ls -d /srv/wiped /srv/done /srv/restored/etc/shop/secret.conf 2>/dev/null || true; getent passwd wiped || true; getent group wiped || true; runuser -u postgres -- psql -A -t postgres -c \"select datname from pg_database where datname = 'wiped'\""));
    }

    /// <summary>Each server is built at a prompt of its own, at the same time.</summary>
    private async Task RestoreAsync(string name)
    {
        using var prompt = new Admin();
        var restored = await prompt.RunAsync($"Restore-Server {name} -Environment '{fixture.Admin.EnvironmentFile}' -Confirm:$false | ForEach-Object {{ \"$($_.State) $($_.Step) $($_.Message) $($_.Error)\" }}");
        output.WriteLine($"{name}: {restored.Elapsed.TotalSeconds:0.0} s, {restored.Output.Count} steps");
        Assert.All(restored.Sorted, step => Assert.True(step.StartsWith("Succeeded", StringComparison.Ordinal) || step.StartsWith("AlreadyOk", StringComparison.Ordinal), $"{name}: {step}"));
        Assert.True(restored.Elapsed < Promise, $"{name} took {restored.Elapsed}");
    }

    private static async Task<(int Code, string Said)> RunAsync(string tools, string commands, string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{tools}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["RESTIC_CACHE_DIR"] = Path.Combine(tools, "cache");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        // As somebody who pastes it: all of it is read before anything of it is run, or a command would read the rest as its input.
        await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes($"main() {{\n{commands}\n}}\nmain </dev/null\n"));
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Promise);
        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex("^(?:Verify: )?on (?<where>the machine at hand|the server):\n\n(`{3,})sh\n(?<commands>.*?)^\\1$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
