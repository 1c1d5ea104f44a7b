using System.Diagnostics;

namespace ProdOps.Lab.Tests.Recovery;

/// <content>A run with every kind of step, on real hosts over SSH, whose process is killed with SIGKILL again and again.</content>
public sealed partial class RebuildTests
{
    /// <summary>All seventeen kinds. What may be done once only counts how often it was.</summary>
    private const string Kinds = """
        @{ Server = 'webnew1'; Steps = @(
            @{ Name = 'group'; Group = @{ Name = 'killers'; Id = 1700 } }
            @{ Name = 'user'; User = @{ Name = 'killer'; Id = 1700; Group = 'killers' } }
            @{ Name = 'directory'; Directory = @{ Path = '/srv/killed'; Mode = '0755'; Owner = 'killer' } }
            @{ Name = 'file'; File = @{ Path = '/etc/systemd/system/killed.service'; Content = "[Service]`nExecStartPre=/bin/sleep 0.5`nExecStart=/bin/sleep 1d`n[Install]`nWantedBy=multi-user.target`n" }, @{ Path = '/srv/killed/a'; Content = 'a' } }
            @{ Name = 'repository'; Repository = @{ Path = '/etc/apt/sources.list.d/killed.list'; Content = "deb [trusted=yes] http://SOURCE:8099/./ ./`n" } }
            @{ Name = 'package'; Package = 'shop-slow' }
            @{ Name = 'service'; Service = 'killed.service'; Enabled = $true }
            @{ Name = 'command'; Command = 'sleep 0.5; echo x >>/srv/killed/once' }
            @{ Name = 'restore'; Restore = 'webfiles'; Paths = '/opt/shop'; To = '/srv/killed/restored' }
            @{ Name = 'database'; On = 'dbnew1'; Database = 'killed'; FromDatabase = 'shop'; Set = 'dumps'; From = 'dbnew1' }
            @{ Name = 'sql'; On = 'dbnew1'; In = 'killed'; Sql = 'create table if not exists once (n int); select pg_sleep(0.5); insert into once values (1)' }
            @{ Name = 'balancer'; LoadBalancer = 'shop'; Action = 'Enable' }
            @{ Name = 'address'; On = 'lbnew2'; Address = 'shop' }
            @{ Name = 'wait'; Wait = '500ms' }
            @{ Name = 'plan'; Plan = 'inner' }
            @{ Name = 'manual'; Manual = 'Look whether all is well.' }
            @{ Name = 'verify'; Verify = 'sleep 2; grep -qx x /srv/killed/once' }
        ) }
        """;

    private static readonly string[] Names = [.. Kinds.Split('\n').Where(line => line.Contains("@{ Name = '", StringComparison.Ordinal)).Select(line => line.Split('\'')[1])];

    [LabFact]
    public Task A_run_that_is_killed_in_every_kind_of_step_ends_the_same_when_it_is_resumed() =>
        KillAllAsync(["package:Running", "restore:Running", "sql:Running", "address:Running", "plan/inner:Running", "manual:Running"], 0);

    /// <summary>In the middle of each step and between it and the next, or later within them.</summary>
    /// <param name="delay">For how many milliseconds the run goes on before it is killed.</param>
    [LabTheory(IsLong = true)]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(250)]
    public Task The_same_of_every_step_and_later_within_them(int delay) =>
        // A plan within is its own steps, then a step that waits for them.
        KillAllAsync([.. Names.SelectMany(name => name == "plan" ? (string[])["plan/inner", name] : [name]).SelectMany(name => (string[])[$"{name}:Running", $"{name}:Succeeded"])], delay);

    private async Task KillAllAsync(string[] moments, int delay)
    {
        var shop = await fixture.OfAsync(fleet);
        string plans = Path.Combine(fixture.Admin.Folder, "plans");
        await File.WriteAllTextAsync(Path.Combine(plans, "kinds.recovery.psd1"), Kinds.Replace("SOURCE", shop.Second.Address, StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(plans, "inner.recovery.psd1"), "@{ Server = 'webnew1'; Steps = @( @{ Name = 'inner'; Command = 'sleep 0.3; echo y >>/srv/killed/inner' } ) }");
        try
        {
            await KillAndResumeAsync(shop, moments, delay);
        }
        finally
        {
            foreach (string name in (string[])["kinds", "inner"]) File.Delete(Path.Combine(plans, $"{name}.recovery.psd1"));
        }
    }

    private async Task KillAndResumeAsync(LostShop shop, string[] moments, int delay)
    {
        (await fixture.Admin.RunAsync("Disable-BackendServer webnew1 -Force")).Clean.ToString();
        string data = Directory.CreateDirectory(Path.Combine(fixture.Admin.Folder, $"killed{moments.Length}-{delay}")).FullName;
        string command = "Restore-Server kinds -Confirmed manual -Confirm:$false";
        long begun = Stopwatch.GetTimestamp();
        int kills = 0;
        foreach (string moment in moments)
        {
            using var process = StartHost(data, command);
            var said = ReadAsync(process);
            await ReachAsync(process, data, moment);
            if (delay > 0) await Task.Delay(delay);
            // One that was adopted when the run was taken up, or had to be looked at only, was over before it could be killed.
            bool isOver = process.HasExited;
            if (!isOver) kills++;
            process.Kill();
            await process.WaitForExitAsync();
            Assert.DoesNotContain("FAILED", await said, StringComparison.Ordinal);
            // Of a run that came to its end before it was killed nothing is left to resume.
            if (isOver) break;
            command = "Restore-Server -Resume -Confirmed manual -Confirm:$false";
        }

        using (var last = StartHost(data, command + "; \"$(@(Get-RecoveryRun -Plan kinds)[0].Status)\""))
        {
            string said = await ReadAsync(last);
            Assert.True(said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Contains("Succeeded"), said);
        }

        output.WriteLine($"killed {kills} times, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
        Assert.True(kills >= moments.Length / 2, $"{kills}");
        Assert.Equal("x y killer killers 755 a installed active enabled", await shop.Web.RunAsync("""
            cd /srv/killed; test -s restored/opt/shop/app.pl
            echo $(cat once) $(cat inner) $(id -un killer) $(id -gn killer) $(stat -c %a .) $(cat a) $(dpkg-query -W -f '${db:Status-Status}' shop-slow) $(systemctl is-active killed) $(systemctl is-enabled killed)
            """));
        Assert.Equal("500 1", await shop.Database.RunAsync("echo $(runuser -u postgres -- psql -A -t killed -c 'select count(*) from orders' -c 'select count(*) from once')"));
        await shop.Second.WaitAsync($"ip -o addr show dev host0 | grep -q \"inet {shop.Address}/\"");
        await LostShopFixture.AnswersAsync(shop);
        using (var again = StartHost(data, $"Restore-Server kinds -Step {string.Join(", ", Names.Except(["command", "sql", "wait", "plan", "manual", "verify"]))} -Confirm:$false | Where-Object {{ $_.State -notin 'AlreadyOk', 'Skipped' }} | ForEach-Object {{ \"$($_.Step) $($_.State) $($_.Changes)\" }}"))
        {
            string changed = await ReadAsync(again);
            Assert.True(changed.Length == 0, changed);
        }

        await shop.Web.RunAsync("systemctl disable -q --now killed; apt-get -qq -y purge shop-slow >/dev/null; userdel -r killer 2>/dev/null; rm -rf /srv/killed /etc/systemd/system/killed.service /etc/apt/sources.list.d/killed.list; systemctl daemon-reload");
        await shop.Database.RunAsync("runuser -u postgres -- dropdb killed");
        (await fixture.Admin.RunAsync("Switch-LoadBalancer shop -To lbnew1 -Confirm:$false")).Clean.ToString();
    }

    /// <summary>Waits until the journal has a note of a step. It is read by tail: .NET would not open what another process has locked.</summary>
    private static async Task ReachAsync(Process process, string data, string moment)
    {
        // A run that was taken up finds a step that was done before its process was killed as it must be.
        string[] states = moment.Split(':')[1] is "Succeeded" ? ["Succeeded", "AlreadyOk"] : ["Running"];
        string[] marks = [.. states.Select(state => $"\"step\":\"{moment.Split(':')[0]}\",\"state\":\"{state}\"")];
        var start = new ProcessStartInfo("sh", ["-c", "until set -- \"$0\"/prodops/recovery-runs/kinds-*.jsonl && [ -e \"$1\" ]; do sleep 0.02; done; exec tail -n +1 -s 0.01 -f \"$1\"", data]) { RedirectStandardOutput = true };
        using var tail = Process.Start(start)!;
        var exited = process.WaitForExitAsync();
        while (true)
        {
            var next = tail.StandardOutput.ReadLineAsync();
            if (await Task.WhenAny(next, exited) != next || await next is not { } line || marks.Any(mark => line.Contains(mark, StringComparison.Ordinal))) break;
        }

        tail.Kill();
        await tail.WaitForExitAsync();
    }

    private static async Task<string> ReadAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        return await output + (error.Length > 0 ? $"FAILED {error}" : "");
    }

    private Process StartHost(string data, string command)
    {
        var start = new ProcessStartInfo(Built.Host, ["-NoProfile", "-NonInteractive", "-Command", command]) { WorkingDirectory = fixture.Admin.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("PSModulePath");
        start.Environment["PRODOPS_MODULE"] = Built.Module;
        start.Environment["XDG_DATA_HOME"] = data;
        return Process.Start(start)!;
    }
}
