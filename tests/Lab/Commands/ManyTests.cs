using System.Globalization;

namespace ProdOps.Lab.Tests.Commands;

/// <summary>Several servers at once, and several admins.</summary>
[Collection(LabCollection.Name)]
public sealed class ManyTests(Fleet fleet)
{
    [LabTheory]
    [InlineData("-ThrottleLimit 1", 1)]
    [InlineData("-ThrottleLimit 2", 2)]
    [InlineData("", 6)]
    public async Task ThrottleLimit_is_how_many_servers_work_at_once(string limit, int expected)
    {
        var hosts = await fleet.UpAsync("web1", "web2");
        using var admin = new Admin(
            $"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'",
            string.Join('\n', Enumerable.Range(0, 6).Select(i => $"@{{ Name = 's{i}'; Address = '{hosts[i % 2].Address}' }}")));
        await admin.RunAsync("Invoke-ServerCommand true -Server *");     // so that connecting does not count
        // The hosts have the machine's clock.
        var answer = await admin.RunAsync($"Invoke-ServerCommand 'cut -d \" \" -f 1 /proc/uptime; sleep {(expected == 6 ? 3 : 0.4)}; cut -d \" \" -f 1 /proc/uptime' -Server * {limit} | ForEach-Object {{ $_.StandardOutput -join ' ' }}");
        var spans = answer.Clean.Select(line => line.ToString().Split(' ').Select(text => decimal.Parse(text, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        Assert.Equal(6, spans.Length);
        Assert.Equal(expected, spans.Max(span => spans.Count(other => other[0] <= span[0] && span[0] < other[1])));
    }

    [LabFact]
    public async Task Two_admins_at_once_do_not_disturb_each_other()
    {
        var hosts = await fleet.UpAsync("web1", "web2");
        var known = Path.Combine(Directory.CreateTempSubdirectory("prodops-lab-").FullName, "known_hosts");
        try
        {
            using var admin = new Admin(
                $"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{known}'; ConfigFile = 'none'",
                string.Join('\n', hosts.Select(host => $"@{{ Name = '{host.Name}'; Address = '{host.Address}' }}")));
            // Each is a process of its own; both meet the hosts for the first time and remember them in one file.
            string[] names = ["anna", "ben", "cleo"];
            var results = await Task.WhenAll(names.Select(name => Task.Run(() => HostProcess.Run("-Command", $$"""
                foreach ($i in 1..10) { Invoke-ServerCommand "echo {{name}} $i; hostname" -Server web1, web2 -AcceptNewHostKey -Environment '{{admin.Environment}}' | ForEach-Object { $_.StandardOutput -join ' ' } }
                """))));
            foreach (var (name, result) in names.Zip(results))
            {
                Assert.Equal((0, ""), (result.ExitCode, result.Error));
                var expected = Enumerable.Range(1, 10).SelectMany(i => hosts.Select(host => $"{name} {i} {host.Name}")).Order(StringComparer.Ordinal);
                Assert.Equal(expected, result.Output.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal));
            }

            Assert.Equal(["web1", "web2"], (await admin.RunAsync("Invoke-ServerCommand hostname -Server * | ForEach-Object StandardOutput")).Sorted);
            Assert.All(await File.ReadAllLinesAsync(known), line => Assert.Contains(hosts, host => line.StartsWith(host.Address + " ", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(known)!, recursive: true);
        }
    }
}
