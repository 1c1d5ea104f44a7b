namespace ProdOps.Lab.Tests.Files;

/// <summary>Which of many servers differ.</summary>
[Collection(LabCollection.Name)]
public sealed class CompareTests(Fleet fleet)
{
    private const int Aliases = 16;

    [LabFact]
    public async Task Who_differs_who_lacks_it_and_who_cannot_read_it_is_found_among_fifty()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "victim1");
        foreach (var host in hosts)
        {
            await host.AccountAsync("reader");
            await host.RunAsync("rm -rf /srv/compared; mkdir -p /srv/compared/conf; cd /srv/compared; echo same > conf/same; echo same > conf/content; echo same > mode; echo same > owner; echo same > lacking; echo same > secret; ln -s same link");
        }

        await hosts[1].RunAsync("cd /srv/compared; echo SAME > conf/content; chmod 600 mode; chmod o+r mode; chown reader owner; rm lacking; ln -sfn other link; mkdir more; echo 1 > more/file");
        await hosts[2].RunAsync("chmod 600 /srv/compared/secret");
        // Each host stands for many, and one address nobody has.
        SecondSshd[] doors = [.. hosts.Select(host => new SecondSshd(host))];
        foreach (var door in doors) await door.StartAsync();
        try
        {
            var entries = doors.SelectMany((door, i) => Enumerable.Range(1, Aliases).Select(n => door.Entry($"{(char)('a' + i)}{n:d2}"))).ToList();
            string nowhere = hosts[0].Address[..hosts[0].Address.LastIndexOf('.')] + ".250";
            entries.Add($"@{{ Name = 'gone'; Address = '{nowhere}' }}");
            using var admin = new Admin($"User = 'reader'; IdentityFile = '{Fleet.Key}'; KnownHosts = 'known_hosts'; ConfigFile = 'none'", string.Join("\n        ", entries));
            await File.WriteAllTextAsync(Path.Combine(admin.Folder, "known_hosts"), string.Concat(doors.Select(door => door.KnownHosts)));

            var answer = await admin.RunAsync("Compare-ServerItem /srv/compared -Server * -ConnectTimeoutSec 20 3>&1");
            Assert.Equal("gone", answer.Error.TargetObject.ToString());
            var warnings = answer.Output.Where(item => item.BaseObject is System.Management.Automation.WarningRecord).Select(item => item.ToString()).ToList();
            Assert.Equal(Aliases, warnings.Count(warning => warning.StartsWith('c') && warning.Contains("secret", StringComparison.Ordinal)));
            string[] second = [.. Enumerable.Range(1, Aliases).Select(n => $"b{n:d2}")], third = [.. Enumerable.Range(1, Aliases).Select(n => $"c{n:d2}")];
            var found = answer.Output.Where(item => item.BaseObject is not System.Management.Automation.WarningRecord)
                .Select(item => $"{item.Properties["Path"].Value} {item.Properties["Difference"].Value} {string.Join(',', (IEnumerable<string>)item.Properties["DifferentServers"].Value)}");
            Assert.Equal(
                [
                    $"/srv/compared/conf/content Content {string.Join(',', second)}",
                    $"/srv/compared/lacking Missing {string.Join(',', second)}",
                    $"/srv/compared/link Content {string.Join(',', second)}",
                    $"/srv/compared/mode Permissions {string.Join(',', second)}",
                    $"/srv/compared/more Missing {string.Join(',', second)}",
                    $"/srv/compared/more/file Missing {string.Join(',', second)}",
                    $"/srv/compared/owner Owner {string.Join(',', second)}",
                    $"/srv/compared/secret Content, Permissions {string.Join(',', third)}",
                ], found);

            // With a server that is right the many are those who differ.
            var one = Assert.Single((await admin.RunAsync("Compare-ServerItem /srv/compared/conf/content -Server a*, b01, c* -ReferenceServer b01")).Clean);
            Assert.Equal(2 * Aliases, ((IEnumerable<string>)one.Properties["DifferentServers"].Value).Count());
        }
        finally
        {
            foreach (var door in doors) await door.DisposeAsync();
            foreach (var host in hosts) await host.RunAsync("rm -rf /srv/compared");
        }
    }
}
