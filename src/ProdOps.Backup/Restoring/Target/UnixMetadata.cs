using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ProdOps.Backup.FileSystem;
using ProdOps.Backup.FileSystem.Unix;

namespace ProdOps.Backup.Restoring.Target;

/// <summary>
/// Sets metadata in the one order in which nothing undoes what came before: changing the owner clears set-user-id bits and
/// capabilities, and an access list changes the mode's group bits.
/// </summary>
internal static unsafe partial class UnixMetadata
{
    private const uint SetIdBits = 0xC00;

    /// <summary>Of an open file or folder.</summary>
    public static MetadataOutcome Set(int handle, byte[] path, in TargetMetadata metadata)
    {
        byte empty = 0;
        bool refused = SetOwner(handle, &empty, LibC.EmptyPath, path, metadata, out var failure);
        if (NeedsAttributes(metadata)) SetAttributes(new UnixAttributes(handle, path), path, metadata, ref failure);
        if (metadata.HasPermissions && LibC.ChangeMode(handle, PermissionsOf(metadata, refused)) != 0) failure ??= Errno.LastException("chmod", path);
        var times = stackalloc TimeSpec[2];
        TimesOf(metadata, times);
        if (SetTimes(handle, times) != 0) failure ??= Errno.LastException("utimens", path);
        return new MetadataOutcome(refused, failure);
    }

    /// <summary>Of an entry of an open folder, be it a link, a device or a file that nobody may open.</summary>
    public static MetadataOutcome Set(int folder, byte* name, byte[] path, ReadOnlySpan<byte> entry, in TargetMetadata metadata)
    {
        bool refused = SetOwner(folder, name, LibC.SymlinkNoFollow, path, metadata, out var failure);
        if (NeedsAttributes(metadata))
        {
            // There are no calls for attributes relative to a folder, but proc(5) has a path that leads into it; only its last part is not followed.
            using var native = new NativePath([.. Encoding.ASCII.GetBytes(ProcPath(folder)), (byte)'/', .. entry], stackalloc byte[NativePath.StackSize]);
            fixed (byte* pointer = native) SetAttributes(new UnixAttributes(pointer, path), path, metadata, ref failure);
        }
        if (metadata.HasPermissions) SetPermissions(folder, name, path, PermissionsOf(metadata, refused), ref failure);
        var times = stackalloc TimeSpec[2];
        TimesOf(metadata, times);
        if (LibC.SetTimesAt(folder, name, times, LibC.SymlinkNoFollow) != 0) failure ??= Errno.LastException("utimens", path);
        return new MetadataOutcome(refused, failure);
    }

    private static string ProcPath(int handle) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle}");

    /// <summary>Nobody but root may give files away: that is an outcome and no failure.</summary>
    private static bool SetOwner(int folder, byte* name, int flags, byte[] path, in TargetMetadata metadata, out FileSystemException? failure)
    {
        failure = null;
        if (!metadata.SetsOwner || LibC.ChangeOwnerAt(folder, name, metadata.UserId, metadata.GroupId, flags) == 0) return false;
        int error = LibC.LastError;
        if (error == Errno.NotPermitted && LibC.EffectiveUser() != 0) return true;
        failure = Errno.Exception("chown", path, error);
        return true;
    }

    /// <summary>A file that would run as its owner must not begin to run as somebody else.</summary>
    private static uint PermissionsOf(in TargetMetadata metadata, bool ownerRefused) => ownerRefused ? metadata.Permissions & ~SetIdBits : metadata.Permissions;

    private static void SetPermissions(int folder, byte* name, byte[] path, uint permissions, ref FileSystemException? failure)
    {
        // chmod(2) follows links, so it is told of the very entry: a handle that reads nothing, under its name in proc(5).
        int handle = LibC.OpenAt(folder, name, LibC.PathOnly | LibC.NoFollow | LibC.CloseOnExec, 0);
        if (handle < 0)
        {
            failure ??= Errno.LastException("chmod", path);
            return;
        }
        fixed (byte* pointer = Encoding.ASCII.GetBytes(ProcPath(handle) + "\0"))
        {
            if (LibC.ChangeMode(pointer, permissions) != 0) failure ??= Errno.LastException("chmod", path);
        }
        LibC.Close(handle);
    }

    private static void TimesOf(in TargetMetadata metadata, TimeSpec* times)
    {
        times[0] = new TimeSpec { Seconds = metadata.AccessTime.Seconds, Nanoseconds = metadata.AccessTime.Nanoseconds };
        times[1] = new TimeSpec { Seconds = metadata.ModifiedTime.Seconds, Nanoseconds = metadata.ModifiedTime.Nanoseconds };
    }

    private static bool NeedsAttributes(in TargetMetadata metadata) => metadata.RemovesOtherAttributes || metadata.Attributes.Length > 0;

    private static void SetAttributes(UnixAttributes attributes, byte[] path, in TargetMetadata metadata, ref FileSystemException? failure)
    {
        if (metadata.RemovesOtherAttributes)
        {
            try
            {
                foreach (var existing in attributes.Read())
                {
                    // A label is the security system's own, on every file and not to be removed.
                    if (existing.Name == "security.selinux" || Has(metadata.Attributes, existing.Name)) continue;
                    if (!attributes.TryRemove(existing.Name)) failure ??= Errno.LastException($"removexattr {existing.Name}", path);
                }
            }
            catch (FileSystemException e)
            {
                failure ??= e;
            }
        }
        foreach (var attribute in metadata.Attributes)
        {
            if (!attributes.TrySet(attribute)) failure ??= Errno.LastException($"setxattr {attribute.Name}", path);
        }
    }

    private static bool Has(ReadOnlySpan<ExtendedAttribute> attributes, string name)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Name == name) return true;
        }
        return false;
    }

    // glibc's utimensat refuses the null path by which the kernel is told to take the handle itself.
    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int SetTimes(int handle, TimeSpec* times);
}
