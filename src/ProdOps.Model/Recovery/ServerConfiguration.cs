namespace ProdOps;

/// <summary>What a server is made of, as it was found at one moment. It holds no content of files, and nothing of secrets but that they are there.</summary>
public sealed record ServerConfiguration
{
    /// <summary>The server's name.</summary>
    public required string Server { get; init; }

    /// <summary>When it was looked at, by this machine's clock.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long that took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether it was looked at as root; otherwise much is missing, and <see cref="NotRead"/> says so.</summary>
    public bool AsRoot { get; init; }

    /// <summary>The system by its full name, e.g. <c>Debian GNU/Linux 12 (bookworm)</c>.</summary>
    public string System { get; init; } = "";

    /// <summary>The system and its version as os-release has them, e.g. <c>debian 12</c>.</summary>
    public string SystemId { get; init; } = "";

    /// <summary>The processor as <c>uname -m</c> has it.</summary>
    public string Machine { get; init; } = "";

    /// <summary>What it is made of.</summary>
    public IReadOnlyList<ServerConfigurationItem> Items { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What could not be read, and why.</summary>
    public IReadOnlyList<ServerConfigurationGap> NotRead { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How much of what lies on its disks is explained.</summary>
    public ServerConfigurationCoverage Coverage { get; init; } = new();

    /// <summary>Captures with the same value were made by one command with one salt: only their proofs of secrets can be compared.</summary>
    public string ProofId { get; init; } = "";

    /// <summary>The items that nothing would bring back as far as is known.</summary>
    public IReadOnlyList<ServerConfigurationItem> Unexplained => [.. Items.Where(item => item.Class == ServerConfigurationClass.Unexplained)];

    /// <summary>The server and the moment.</summary>
    /// <returns>E.g. <c>web1 2026-11-27 03:20:11Z</c>.</returns>
    public override string ToString() => $"{Server} {Time:u}";
}

/// <summary>What could not be read of a server.</summary>
/// <param name="What">What it is, e.g. <c>files</c>, <c>firewall</c>.</param>
/// <param name="Reason">Why it could not be read, in a sentence.</param>
public sealed record ServerConfigurationGap(string What, string Reason)
{
    /// <summary>What and why.</summary>
    /// <returns>E.g. <c>firewall: only root may read it.</c></returns>
    public override string ToString() => $"{What}: {Reason}";
}

/// <summary>How much of a server's files is explained: belongs to a package, is an item that can be replayed or restored, or is made anew by itself.</summary>
public sealed record ServerConfigurationCoverage
{
    /// <summary>Regular files on local file systems; temporary and virtual ones do not count.</summary>
    public long Files { get; init; }

    /// <summary>Those of them that are explained.</summary>
    public long ExplainedFiles { get; init; }

    /// <summary>The bytes of all of them.</summary>
    public long Bytes { get; init; }

    /// <summary>The bytes of those that are explained.</summary>
    public long ExplainedBytes { get; init; }

    /// <summary>The share of files that are explained, 0 to 1.</summary>
    public double FileShare => Files == 0 ? 0 : (double)ExplainedFiles / Files;

    /// <summary>The share of bytes that are explained, 0 to 1.</summary>
    public double ByteShare => Bytes == 0 ? 0 : (double)ExplainedBytes / Bytes;
}
