namespace ProdOps.Backup.Storage;

/// <summary>How bytes go to and from a remote place.</summary>
internal sealed record TransferOptions
{
    /// <summary>How much is moved at once.</summary>
    public const int SliceSize = 64 << 10;

    public RateLimit? Upload { get; init; }

    public RateLimit? Download { get; init; }

    /// <summary>A transfer during which nothing moves for so long is given up and tried again.</summary>
    public TimeSpan MaximumSilence { get; init; } = TimeSpan.FromSeconds(90);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How many transfers at once; <see langword="null"/> for what suits the place.</summary>
    public int? Connections { get; init; }

    /// <summary>A file of certificates (PEM) to trust instead of the system's.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>Opens an SFTP session with a server; <see langword="null"/> where there are no connections to be had.</summary>
    public Func<SftpAddress, CancellationToken, Task<SftpSession>>? ConnectSftp { get; init; }

    /// <summary>The folder in which indexes, snapshots and trees are cached; without one nothing is.</summary>
    public string? CacheRoot { get; init; }

    /// <summary>Where packs for places elsewhere are made: some 100 MB of them at once, at the usual size.</summary>
    public string TemporaryFolder { get; init; } = Path.GetTempPath();

    /// <summary>Hears of retries.</summary>
    public IActivity Activity { get; init; } = SilentActivity.Instance;
}
