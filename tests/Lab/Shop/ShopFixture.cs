using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ProdOps.Lab.Tests.LoadBalancing;

namespace ProdOps.Lab.Tests.Shop;

/// <summary>
/// examples/shop on hosts of the fleet: built once from blank ones by its own up.ps1, as whoever has it at hand does. This machine is the admin's; ops is a host with ProdOps of its own.
/// </summary>
public sealed partial class ShopFixture : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    // What the hosts' common machine brings about.
    private static readonly string[] NotOurs =
    [
        "cpu.busy", "pressure.cpu.some", "pressure.memory.full", "memory.available", "swap.in", "disk.await", "disk.full", "clock.offset", "network.errors", "unit.restarts", "updates.security", "reboot.required",
    ];

    private static readonly string[] Quick = ["reachability", "service", "check", "unit.failed"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("prodops-shop-");
    private readonly Dictionary<string, LabHost> _hosts = [];
    private Task? _built;
    private Task<(string Told, LabCount Count)>? _story;

    /// <summary>The shop's servers, as its environment calls them, in the order of their addresses there.</summary>
    internal static string[] Servers { get; } = ["lb1", "lb2", "web1", "web2", "db1", "ops", "offsite"];

    /// <summary>The admin's copy of the example, with this fleet's addresses.</summary>
    internal string Folder => Path.Combine(_folder.FullName, "shop");

    /// <summary>The virtual address.</summary>
    internal string Address { get; private set; } = "";

    /// <summary>What up.ps1 wrote when all was built.</summary>
    internal string Output { get; private set; } = "";

    /// <summary>How long that took.</summary>
    internal TimeSpan Took { get; private set; }

    /// <summary>How ready it was before its story.</summary>
    internal double ReadinessBefore { get; private set; }

    internal LabHost this[string server] => _hosts[server];

    /// <summary>The shop, which answers.</summary>
    internal async Task<ShopFixture> OfAsync(Fleet fleet)
    {
        await (_built ??= BuildAsync(fleet));
        return this;
    }

    /// <summary>Its story up to the update, told once while clients ask: what was written, and what they saw. From then on ops watches.</summary>
    internal Task<(string Told, LabCount Count)> StoryAsync() => _story ??= TellAsync();

    /// <summary>How ready it is, by the proofs that ops has.</summary>
    internal async Task<double> ReadinessAsync() =>
        double.Parse(await OnOpsAsync("prodops -Command '(Get-ProductionReadiness -Summary -Environment /etc/prodops).Score.ToString([cultureinfo]::InvariantCulture)'"), CultureInfo.InvariantCulture);

    /// <summary>Runs one of the example's scripts on the admin's machine, by prodops. It must succeed.</summary>
    internal Task<string> RunAsync(string script, params string[] arguments) =>
        StartAsync(Built.Host, ["-NoProfile", "-NonInteractive", "-File", Path.Combine(Folder, script), .. arguments]);

    /// <summary>Runs a command of the shell on ops. It must succeed.</summary>
    internal async Task<string> OnOpsAsync(string command)
    {
        var result = await FleetScript.RunAsync(Limit, null, "run", this["ops"].Name, "sh", "-euc", command);
        Assert.True(result.ExitCode == 0, $"{command} ended with {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output.TrimEnd('\n');
    }

    /// <summary>Has the admin's folder know the keys that hosts have now, as their consoles show them.</summary>
    internal void LearnHostKeys() => File.Copy(Fleet.KnownHosts, Path.Combine(Folder, "secrets", "known_hosts"), overwrite: true);

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<(string Told, LabCount Count)> TellAsync()
    {
        ReadinessBefore = await ReadinessAsync();
        await using var clients = await LabClients.StartAsync(40, $"http://{Address}/orders");
        string told = await OnOpsAsync("prodops -File /etc/prodops/story.ps1 -Part Balancers,Backups,Watch,Update -Rate 20");
        return (told, await clients.StopAsync("journalctl --sync; journalctl -u shop -o cat --no-pager", [this["web1"], this["web2"]]));
    }

    private async Task BuildAsync(Fleet fleet)
    {
        string[] names = [.. Servers.Select(server => server.StartsWith("db", StringComparison.Ordinal) ? "db-shop" : $"shop-{server}")];
        foreach (var (server, host) in Servers.Zip(await fleet.UpAsync(names))) _hosts[server] = host;
        await Machine.RunAsync("cp -r \"$1\" \"$2\"", Path.Combine(Built.Root, "examples", "shop"), Folder);
        string subnet = _hosts["lb1"].Address[..(_hosts["lb1"].Address.LastIndexOf('.') + 1)];
        Address = $"{subnet}100";
        foreach (string file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            string text = await File.ReadAllTextAsync(file);
            string ours = AddressPattern().Replace(text, match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) - 11 is var i && i >= 0 && i < Servers.Length ? _hosts[Servers[i]].Address : subnet + match.Groups[1].Value);
            if (ours != text) await File.WriteAllTextAsync(file, ours);
        }

        // The hosts share one machine, whose load is nobody's subject here; and whoever waits for the end of a problem wants to know soon.
        string environment = Path.Combine(Folder, "environment.psd1"), all = await File.ReadAllTextAsync(environment);
        int end = all.IndexOf("        )\n        Checks", StringComparison.Ordinal);
        await File.WriteAllTextAsync(environment, all.Insert(end, string.Concat((string[])[
            .. NotOurs.Select(rule => $"            @{{ Name = '{rule}'; Enabled = $false }}\n"),
            .. Quick.Select(rule => $"            @{{ Name = '{rule}'; RecoverFor = '5s'; RecoverAttempts = 2 }}\n"),
            "            @{ Name = 'disk.used'; For = '5s'; Attempts = 2; Interval = '5s'; RecoverFor = '5s'; RecoverAttempts = 2 }\n",
        ])));
        string key = Path.Combine(Folder, "secrets", "id_ed25519");
        File.Copy(Fleet.Key, key);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        LearnHostKeys();
        long begun = Stopwatch.GetTimestamp();
        Output = await RunAsync("up.ps1", "-New");
        Took = Stopwatch.GetElapsedTime(begun);
    }

    private async Task<string> StartAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("PSModulePath");
        start.Environment["PRODOPS_MODULE"] = Built.Module;
        start.Environment["XDG_DATA_HOME"] = Path.Combine(_folder.FullName, "data");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Limit);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {process.ExitCode}\n{await output}\n{await error}");
        return await output;
    }

    [GeneratedRegex(@"\b10\.77\.0\.(\d+)\b")]
    private static partial Regex AddressPattern();
}
