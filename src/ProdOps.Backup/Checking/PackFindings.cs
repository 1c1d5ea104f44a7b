using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Checking;

/// <summary>What reading a whole pack told.</summary>
internal sealed class PackFindings
{
    /// <summary>The SHA-256 of its bytes, or <see langword="null"/> if not all could be read.</summary>
    public ObjectId? Hash { get; set; }

    public long BytesRead { get; set; }

    /// <summary>What is wrong with the pack itself.</summary>
    public List<string> Damage { get; } = [];

    /// <summary>What the index says and the sound pack does not.</summary>
    public List<string> Mismatches { get; } = [];

    /// <summary>The first failure to read it.</summary>
    public ProdOpsException? ReadError { get; set; }

    /// <summary>The blobs that were opened and proved, at their places in this pack; of some a bit had to be turned back for it.</summary>
    public IReadOnlyList<PackedBlob> Good { get; set; } = [];

    /// <summary>What the index expects in this pack and nobody can read from it.</summary>
    public IReadOnlyList<PackedBlob> Lost { get; set; } = [];

    public bool IsSound => Damage.Count == 0 && Mismatches.Count == 0 && ReadError is null;

    /// <summary>The error that tells of all this, or <see langword="null"/>.</summary>
    public ProdOpsException? ToError(ObjectId pack) =>
        ReadError is not null ? BackupErrors.PackUnreadable(pack, ReadError)
        : Damage.Count > 0 ? BackupErrors.PackDamaged(pack, Damage)
        : Mismatches.Count > 0 ? BackupErrors.PackIndexMismatch(pack, Mismatches)
        : null;
}
