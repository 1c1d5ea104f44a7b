namespace ProdOps.Lab.Tests.Files;

/// <summary>Data of balanced servers that have no way to each other, made the same by their own rsync.</summary>
[Collection(LabCollection.Name)]
public sealed class SyncTests(Fleet fleet)
{
    private const string Data = "/srv/lab-shared";

    [LabFact]
    public async Task Copies_that_differ_are_mended_by_the_command_that_readiness_names_and_a_cut_leaves_what_was_there()
    {
        var hosts = await fleet.UpAsync("sync1", "web1", "web2");
        var (source, second, third) = (hosts[0], hosts[1], hosts[2]);
        foreach (var host in hosts)
        {
            await host.AccountAsync("syncer", "sudo=nopassword");
            await host.RunAsync($"rm -rf {Data}; id shop >/dev/null 2>&1 || useradd --system --uid {(host == source ? 881 : 880)} shop");
        }

        await source.RunAsync($"""
            mkdir -p {Data}/img; cd {Data}
            for i in $(seq 200); do echo "picture $i" > img/$i.jpg; done; head -c 3000000 /dev/urandom > film; echo new > same-size; touch -d 2026-01-01 same-size; ln -s img/1.jpg first; ln film film2
            chown -R shop:www-data .; chmod 2775 img; chmod 600 film
            """);
        await second.RunAsync($"mkdir -p {Data}; cd {Data}; echo old > same-size; touch -d 2026-01-01 same-size");
        using var admin = AdminOf(hosts);

        const string Finding = "$f = (Test-LoadBalancer web -Readiness).Where({ $_.Item -eq 'data' }); \"$($f.Status): $($f.Advice)\"";
        string advice = (await admin.RunAsync(Finding)).Text;
        const string Command = "Sync-ServerItem -LoadBalancer web -AsRoot";
        Assert.StartsWith($"Failed: {Command} mends it.", advice, StringComparison.Ordinal);

        var plan = (await admin.RunAsync($"{Command} -WhatIf")).Clean.Select(step => $"{step.Properties["Server"].Value} {step.Properties["Action"].Value} {step.Properties["Path"].Value}").ToList();
        Assert.Equal(2 * 206, plan.Count);
        Assert.Contains($"{second.Name} Replace {Data}/same-size", plan);
        Assert.Contains($"{third.Name} Create {Data}", plan);
        Assert.Equal("same-size", await second.RunAsync($"ls -A {Data}"));

        var done = (await admin.RunAsync($"{Command} -Verify")).Clean;
        Assert.Equal([second.Name, third.Name], done.Select(result => $"{result.Properties["Server"].Value}").Order());
        Assert.All(done, result => Assert.Equal((true, null), ((bool)result.Properties["Verified"].Value, result.Properties["Problem"].Value)));
        Assert.Equal("Passed: ", (await admin.RunAsync(Finding)).Text);
        // By name: its number is another one there.
        Assert.Equal("shop:www-data 2775 880\nnew\nimg/1.jpg 2", await third.RunAsync($"cd {Data}; stat -c '%U:%G %a %u' img; cat same-size; echo $(readlink first) $(stat -c %h film)"));

        // What users brought to one of the others stays; it is told, and goes by -Delete alone.
        await second.RunAsync($"echo mine > {Data}/img/upload");
        advice = (await admin.RunAsync(Finding)).Text;
        Assert.Contains("1 is only on others than the source, and stays unless -Delete", advice, StringComparison.Ordinal);
        Assert.All((await admin.RunAsync(Command)).Clean, result => Assert.Equal(0L, result.Properties["Deleted"].Value));
        Assert.Equal("mine", await second.RunAsync($"cat {Data}/img/upload"));
        Assert.Equal([0L, 1L], (await admin.RunAsync($"{Command} -Delete -Confirm:$false")).Clean.Select(result => (long)result.Properties["Deleted"].Value).Order());

        // The source's cable is cut in the midst of a file.
        string former = await second.RunAsync($"sha256sum < {Data}/film");
        await source.RunAsync($"head -c 3000000 /dev/urandom > {Data}/film");
        var running = admin.Start($"{Command} -BandwidthLimit 100KB");
        await second.WaitAsync($"ls {Data}/.film.*", seconds: 60);
        await source.CutAsync();
        try
        {
            var answer = await running.EndAsync();
            Assert.All(answer.Errors, error => Assert.StartsWith("TransferCut,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
            Assert.Equal(2, answer.Errors.Count);
            await second.WaitAsync($"! ls {Data}/.film.* && ! pgrep -x rsync", seconds: 60);
            Assert.Equal(former, await second.RunAsync($"sha256sum < {Data}/film"));
        }
        finally
        {
            await source.PlugAsync();
            foreach (var host in hosts) await host.RunAsync($"rm -rf {Data}");
        }
    }

    /// <summary>An admin who logs in as a user that may become root, and notices a cut within seconds.</summary>
    private static Admin AdminOf(LabHost[] hosts)
    {
        var admin = new Admin($"User = 'syncer'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'config'; ConnectTimeout = '4s'",
            string.Join("\n        ", hosts.Select(host => $"@{{ Name = '{host.Name}'; Address = '{host.Address}' }}")));
        File.WriteAllText(Path.Combine(admin.Folder, "config"), "Host *\n    ServerAliveInterval 1\n    ServerAliveCountMax 2\n");
        File.WriteAllText(admin.EnvironmentFile, File.ReadAllText(admin.EnvironmentFile).TrimEnd().TrimEnd('}')
            + $"\n    LoadBalancers = @{{ web = @{{ Servers = 'web1'; Port = 5432; Mode = 'Tcp'; Pool = 'web1', 'web2', 'sync1'; SharedData = @{{ Path = '{Data}'; From = 'sync1' }} }} }}\n}}\n");
        return admin;
    }
}
