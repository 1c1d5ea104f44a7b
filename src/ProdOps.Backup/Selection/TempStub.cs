using ProdOps.Backup.FileSystem;
namespace ProdOps.Backup.Selection;
internal sealed record SelectionRules
{
    public IReadOnlyList<string> Exclude { get; init; } = [];
    public IReadOnlyList<string> ExcludeIgnoreCase { get; init; } = [];
    public IReadOnlyList<string> ExcludeFiles { get; init; } = [];
    public IReadOnlyList<string> ExcludeIfPresent { get; init; } = [];
    public bool ExcludeCaches { get; init; }
    public long? ExcludeLargerThan { get; init; }
    public bool OneFileSystem { get; init; }
    public IReadOnlyList<string> AllPatterns => Exclude;
}
internal sealed class SelectionFilter(SelectionRules rules, SourceFileSystem files)
{
    public SelectionRules Rules => rules; public SourceFileSystem Files => files;
    public DirRules EnterDirectory(ReadOnlySpan<byte> path, DirectoryListing l) => default;
}
internal readonly struct DirRules { public bool Includes(ReadOnlySpan<byte> name, in FileStat stat) => true; }
