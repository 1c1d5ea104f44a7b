namespace ProdOps.Lab.Tests;

/// <summary>
/// The hosts of a test run. A host is booted when a test first names it, stays up for the tests after it, and is gone with the run, also
/// when the run is killed. A test that breaks a host uses one that no other test names.
/// </summary>
public sealed class Fleet : IAsyncLifetime
{
    // The first boot may have to build the base image, or to wait until another run has built it.
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(12);
    private static readonly TimeSpan VerbLimit = TimeSpan.FromSeconds(60);
    private readonly Dictionary<string, LabHost> _hosts = [];
    private System.Diagnostics.Process? _guard;

    internal static string Folder { get; } =
        Path.Combine(Environment.GetEnvironmentVariable("LAB_DIR") ?? "/var/lib/prodops-lab", "fleets", FleetScript.Name);

    /// <summary>The private key that opens every host.</summary>
    internal static string Key { get; } = Path.Combine(Folder, "id_ed25519");

    /// <summary>The hosts' true keys, taken from their disks.</summary>
    internal static string KnownHosts { get; } = Path.Combine(Folder, "known_hosts");

    /// <summary>Hosts that are up, in the order of their names here.</summary>
    internal async Task<LabHost[]> UpAsync(params string[] names)
    {
        var missing = names.Where(name => !_hosts.ContainsKey(name)).ToArray();
        if (missing.Length > 0) await BootAsync("up", missing);
        return [.. names.Select(name => _hosts[name])];
    }

    /// <summary>One host that is up.</summary>
    internal async Task<LabHost> UpAsync(string name) => (await UpAsync([name]))[0];

    /// <summary>Boots hosts that are down, or throws their disks away first.</summary>
    internal async Task BootAsync(string verb, params string[] names)
    {
        _guard ??= FleetScript.Start("hold");
        var output = await RunAsync(BootLimit, null, [verb, .. names]);
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, address) = line.Split(' ') is [var first, var second] ? (first, second) : throw new FormatException($"fleet.sh {verb} wrote: {line}");
            _hosts[name] = new LabHost(this, name, address);
        }
    }

    /// <summary>Runs a verb and returns what it wrote.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it said.</exception>
    internal static Task<string> RunAsync(string? input, params IEnumerable<string> arguments) => RunAsync(VerbLimit, input, arguments);

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_guard is null) return;
        _guard.StandardInput.Close();
        using var timeout = new CancellationTokenSource(VerbLimit);
        await _guard.WaitForExitAsync(timeout.Token);
        _guard.Dispose();
    }

    private static async Task<string> RunAsync(TimeSpan limit, string? input, params IEnumerable<string> arguments)
    {
        var result = await FleetScript.RunAsync(limit, input, arguments);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"fleet.sh {string.Join(' ', arguments)}: exit code {result.ExitCode}: {result.Error}");
    }
}

/// <summary>All tests that use the fleet, one after the other: they share its hosts and two cores.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabCollection : ICollectionFixture<Fleet>
{
    internal const string Name = "lab";
}

/// <summary>A test that needs whole hosts. It is skipped, with the reason, where there can be none, and fails when it takes minutes.</summary>
internal sealed class LabFactAttribute : FactAttribute
{
    public LabFactAttribute()
    {
        Skip = FleetScript.Missing;
        Timeout = LabLimit.Milliseconds;
    }
}

/// <summary>Likewise, for several cases.</summary>
internal sealed class LabTheoryAttribute : TheoryAttribute
{
    public LabTheoryAttribute()
    {
        Skip = FleetScript.Missing;
        Timeout = LabLimit.Milliseconds;
    }

    /// <summary>Whether it takes minutes, and so runs only where everything is asked for.</summary>
    public bool IsLong
    {
        get;
        set
        {
            field = value;
            if (value) Skip ??= Requirements.Full;
        }
    }
}

internal static class LabLimit
{
    // Above what the very first test of a machine needs, which builds the base image.
    public const int Milliseconds = 13 * 60 * 1000;
}
