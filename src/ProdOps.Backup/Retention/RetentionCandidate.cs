using ProdOps.Backup.Repositories;

namespace ProdOps.Backup.Retention;

/// <summary>A snapshot and what is known of it beside what it says itself.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Written">When its file was written, where the storage tells.</param>
/// <param name="IsEmpty">Whether it holds no file, if somebody looked.</param>
internal sealed record RetentionCandidate(SnapshotFile Snapshot, DateTimeOffset? Written = null, bool? IsEmpty = null);
