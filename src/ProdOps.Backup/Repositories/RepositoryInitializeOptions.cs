using ProdOps.Backup.Crypto;

namespace ProdOps.Backup.Repositories;

/// <summary>How a new repository is made.</summary>
internal sealed record RepositoryInitializeOptions
{
    /// <summary>The format's version: 2, or 1 for programs that cannot read compressed data.</summary>
    public int Version { get; init; } = RepositoryConfig.MaxVersion;

    /// <summary>Another repository's polynomial, so that copying between both shares pieces; by default a new one.</summary>
    public ulong? Polynomial { get; init; }

    /// <summary>Who the first key is said to be made by; by default this process's user.</summary>
    public string UserName { get; init; } = LocalHost.UserName;

    /// <summary>On which host; by default this one.</summary>
    public string HostName { get; init; } = LocalHost.Name;

    /// <summary>The cost of deriving the first key; by default calibrated to half a second.</summary>
    public ScryptParameters? KeyParameters { get; init; }
}

/// <summary>A repository's key, and which key file the password opened.</summary>
internal sealed record UnlockedKey(MasterKey Key, ObjectId Id);
