using System.Text;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>
/// Sets an item's metadata, of an open one or of a name in an open folder. The order matters: a change of owner takes set-user-id and
/// capabilities away, attributes may need write permission, and an ACL sets the group bits that the mode then confirms.
/// </summary>
internal readonly unsafe ref struct UnixMetadataWriter
{
    private const uint SetUserId = 0x800, SetGroupId = 0x400;

    private readonly int _descriptor;
    private readonly byte* _name;
    private readonly byte* _procPath;
    private readonly ReadOnlySpan<byte> _path;
    private readonly MetadataProblems _problems;

    /// <summary>Writes to an open file or folder.</summary>
    public UnixMetadataWriter(int file, ReadOnlySpan<byte> path, MetadataProblems problems)
    {
        _descriptor = file;
        _path = path;
        _problems = problems;
    }

    /// <summary>Writes to a name in an open folder; <paramref name="procPath"/> is its path below /proc.</summary>
    public UnixMetadataWriter(int folder, byte* name, byte* procPath, ReadOnlySpan<byte> path, MetadataProblems problems)
        : this(folder, path, problems)
    {
        _name = name;
        _procPath = procPath;
    }

    private bool IsOpen => _name is null;

    private static bool IsRoot { get; } = LibC.EffectiveUser() == 0;

    public void Write(in TargetMetadata metadata)
    {
        bool hasOwner = metadata.Owner is not { } owner || TrySetOwner(owner.User, owner.Group);
        if (metadata.ExtendedAttributes is { } attributes) SetAttributes(attributes);
        if (metadata.Times is { } times) SetTimes(times.Access, times.Modified);
        if (metadata.Permissions is { } permissions && metadata.Type != FileType.SymbolicLink)
        {
            // Another owner's program must not run with the rights of whoever restored it.
            if (!hasOwner && metadata.Type != FileType.Directory) permissions &= ~(SetUserId | SetGroupId);
            SetPermissions(permissions);
        }
    }

    private bool TrySetOwner(uint user, uint group)
    {
        byte empty = 0;
        int result = IsOpen
            ? LibC.ChangeOwnerAt(_descriptor, &empty, user, group, LibC.EmptyPath)
            : LibC.ChangeOwnerAt(_descriptor, _name, user, group, LibC.SymlinkNoFollow);
        if (result == 0) return true;
        Report("chown", IsRoot ? null : "chown");
        return false;
    }

    private void SetAttributes(IReadOnlyList<ExtendedAttribute> attributes)
    {
        var target = IsOpen ? new UnixAttributes(_descriptor, _path) : new UnixAttributes(_procPath, _path);
        ExtendedAttribute[] present;
        try
        {
            present = target.Read();
        }
        catch (FileSystemException e)
        {
            _problems.Add(e);
            return;
        }
        foreach (var attribute in attributes)
        {
            if (Has(present, attribute)) continue;
            if (!target.TrySet(attribute)) Report($"setxattr {attribute.Name}", OncePerAttribute(attribute.Name));
        }
        foreach (var attribute in present)
        {
            if (attributes.Any(a => a.Name == attribute.Name)) continue;
            // Labels that a security module gives every file are not an admin's and cannot be taken away.
            if (!target.TryRemove(attribute.Name) && !attribute.Name.StartsWith("security.", StringComparison.Ordinal))
                Report($"removexattr {attribute.Name}", OncePerAttribute(attribute.Name));
        }
    }

    private static bool Has(ExtendedAttribute[] present, ExtendedAttribute attribute) =>
        present.Any(a => a.Name == attribute.Name && a.Value.AsSpan().SequenceEqual(attribute.Value));

    private void SetTimes(UnixTime access, UnixTime modified)
    {
        TimeSpec* times = stackalloc TimeSpec[2];
        times[0] = new TimeSpec { Seconds = access.Seconds, Nanoseconds = access.Nanoseconds };
        times[1] = new TimeSpec { Seconds = modified.Seconds, Nanoseconds = modified.Nanoseconds };
        int result = IsOpen ? LibC.SetTimes(_descriptor, times) : LibC.SetTimesAt(_descriptor, _name, times, LibC.SymlinkNoFollow);
        if (result != 0) Report("utimens", null);
    }

    private void SetPermissions(uint permissions)
    {
        if (IsOpen)
        {
            if (LibC.ChangeMode(_descriptor, permissions) != 0) Report("chmod", null);
            return;
        }
        // fchmodat cannot be told not to follow before Linux 6.6. A descriptor that only names the item can be told, and through
        // /proc it stands for that item whatever has its name by now.
        int item = UnixTargetFolder.OpenAt(_descriptor, _name, LibC.PathOnly);
        if (item < 0)
        {
            Report("chmod", null);
            return;
        }
        try
        {
            StatX stat;
            byte empty = 0;
            if (LibC.StatX(item, &empty, LibC.EmptyPath, StatX.BasicFields, &stat) != 0 || stat.ToFileStat().Type == FileType.SymbolicLink)
            {
                _problems.Add(Errno.Exception("chmod", _path, Errno.Loop));
                return;
            }
            fixed (byte* proc = Encoding.ASCII.GetBytes($"/proc/self/fd/{item}\0"))
                if (LibC.ChangeMode(proc, permissions) != 0) Report("chmod", null);
        }
        finally
        {
            LibC.Close(item);
        }
    }

    /// <summary>What the system or the user's lack of rights forbids for one file it forbids for all: one word of it is enough.</summary>
    private static string? OncePerAttribute(string name) => LibC.LastError switch
    {
        Errno.NotSupported => name,
        Errno.NotPermitted or Errno.AccessDenied when !IsRoot => name,
        _ => null,
    };

    private void Report(string operation, string? onceFor) => _problems.Add(Errno.LastException(operation, _path), onceFor);
}
