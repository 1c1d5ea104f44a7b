using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Selection;

/// <summary>
/// The rules applied to one run: what is left out is left out in the same way as by restic. Members may be called from several threads.
/// </summary>
internal sealed class EntrySelection
{
    private readonly ISelectionFacts _facts;
    private readonly PatternSet _excludes, _insensitiveExcludes;
    private readonly FolderTag[] _tags;
    private readonly long _largest;
    private readonly (byte[] Path, ulong Device)[] _roots;
    private readonly Action<string> _warn;

    /// <inheritdoc cref="EntrySelection(SelectionRules, ISelectionFacts, IReadOnlyList{byte[]}, Action{string})"/>
    public EntrySelection(SelectionRules rules, SourceFileSystem files, IReadOnlyList<byte[]> roots, Action<string> warn)
        : this(rules, new FileSystemFacts(files), roots, warn)
    {
    }

    /// <param name="rules">What to leave out.</param>
    /// <param name="facts">Where to look for tags and devices.</param>
    /// <param name="roots">The absolute, clean paths that the user named.</param>
    /// <param name="warn">Told of tags that could not be read.</param>
    public EntrySelection(SelectionRules rules, ISelectionFacts facts, IReadOnlyList<byte[]> roots, Action<string> warn)
    {
        _facts = facts;
        _warn = warn;
        Patterns = [.. rules.Excludes, .. rules.ExcludeFiles.SelectMany(PatternFile.Read)];
        _excludes = PatternSet.Parse(Patterns);
        _insensitiveExcludes = PatternSet.Parse(rules.InsensitiveExcludes.Concat(rules.InsensitiveExcludeFiles.SelectMany(PatternFile.Read)), ignoreCase: true);
        _tags = [.. rules.ExcludeIfPresent.Select(FolderTag.Parse), .. rules.ExcludeCaches ? [FolderTag.Cache] : Array.Empty<FolderTag>()];
        _largest = rules.ExcludeLargerThan ?? long.MaxValue;
        OneFileSystem = rules.OneFileSystem;
        _roots = OneFileSystem ? [.. roots.Select(root => (root, facts.GetDevice(root)))] : [];
    }

    /// <summary>The case-sensitive patterns as they were written, those of files among them.</summary>
    public IReadOnlyList<string> Patterns { get; }

    /// <summary>Files that keep the rest of their folder out.</summary>
    public IReadOnlyList<FolderTag> Tags => _tags;

    /// <summary>Stays on the file systems of the roots.</summary>
    public bool OneFileSystem { get; }

    /// <summary>True if no rule looks at paths or stats, so that the common run need not even build an entry's path.</summary>
    public bool IncludesAll => _excludes.IsEmpty && _insensitiveExcludes.IsEmpty && _largest == long.MaxValue && !OneFileSystem;

    /// <summary>Whether an entry is to be stored, as far as its path and its stat tell. What is below a folder that is not need not be asked.</summary>
    public bool Includes(ReadOnlySpan<byte> path, in FileStat stat) =>
        !_excludes.Matches(path)
        && !_insensitiveExcludes.Matches(path)
        && (stat.Size <= _largest || stat.Type == FileType.Directory)
        && (!OneFileSystem || IsOnItsFileSystem(path, stat));

    /// <summary>The tags a folder has; ask it about each entry of that folder. Also to be asked about the roots, by the folder each is in.</summary>
    public FolderTags ReadTags(ReadOnlySpan<byte> folder)
    {
        if (_tags.Length == 0) return default;
        List<FolderTag>? present = null;
        foreach (var tag in _tags)
        {
            if (_facts.HasTag(folder, tag, _warn)) (present ??= []).Add(tag);
        }
        return new FolderTags(present);
    }

    /// <inheritdoc cref="ReadTags(ReadOnlySpan{byte})"/>
    public FolderTags ReadTags(ReadOnlySpan<byte> folder, DirectoryListing listing)
    {
        foreach (var tag in _tags)
        {
            // The listing spares the system calls; a tag with a path is not in it.
            if (tag.Name.AsSpan().Contains((byte)'/') || listing.Find(tag.Name) >= 0) return ReadTags(folder);
        }
        return default;
    }

    private bool IsOnItsFileSystem(ReadOnlySpan<byte> path, in FileStat stat)
    {
        if (IsAllowed(path, stat.Device)) return true;
        // A mount point is a folder of its parent's file system with another one's device: it is kept, what is in it is not.
        if (stat.Type != FileType.Directory) return false;
        int slash = path.LastIndexOf((byte)'/');
        var parent = slash <= 0 ? "/"u8 : path[..slash];
        try
        {
            return IsAllowed(parent, _facts.GetDevice(parent));
        }
        catch (FileSystemException)
        {
            return false;
        }
    }

    /// <summary>Whether a path's device is that of the root it is below; the nearest one counts.</summary>
    private bool IsAllowed(ReadOnlySpan<byte> path, ulong device)
    {
        int nearest = -1;
        ulong allowed = 0;
        foreach (var (root, rootDevice) in _roots)
        {
            bool isBelow = path.StartsWith(root) && (path.Length == root.Length || root is [(byte)'/'] || path[root.Length] == '/');
            if (isBelow && root.Length > nearest) (nearest, allowed) = (root.Length, rootDevice);
        }
        return nearest >= 0 && allowed == device;
    }
}

/// <summary>What rules ask about the files that a backup reads.</summary>
internal interface ISelectionFacts
{
    /// <summary>The file system that a path is on.</summary>
    ulong GetDevice(ReadOnlySpan<byte> path);

    /// <summary>Whether a folder holds a tag.</summary>
    bool HasTag(ReadOnlySpan<byte> folder, FolderTag tag, Action<string> warn);
}

/// <summary>Asks this machine's files.</summary>
internal sealed class FileSystemFacts(SourceFileSystem files) : ISelectionFacts
{
    public ulong GetDevice(ReadOnlySpan<byte> path) => files.GetStat(path).Device;

    public bool HasTag(ReadOnlySpan<byte> folder, FolderTag tag, Action<string> warn) => tag.IsIn(files, folder, warn);
}

/// <summary>The tags found in one folder.</summary>
internal readonly struct FolderTags(List<FolderTag>? present)
{
    public bool Any => present is not null;

    /// <summary>Whether an entry of the folder is left out: all are but the tag itself.</summary>
    public bool Exclude(ReadOnlySpan<byte> name)
    {
        if (present is null) return false;
        foreach (var tag in present)
        {
            if (!name.SequenceEqual(tag.Name)) return true;
        }
        return false;
    }
}
