using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ProdOps.Servers.FileSystem;

/// <summary>What .NET has no call for.</summary>
internal static partial class NativeFiles
{
    private const int ReadOnly = 0, CloseOnExecLinux = 0x80000, CloseOnExecMac = 0x1000000;
    private const int Eexist = 17, Einval = 22, EnotsupLinux = 95, EnotsupMac = 45;

    /// <summary>Makes the names in a folder durable. Windows has no such call and needs none: NTFS journals its names.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        int handle = Open(path, ReadOnly | (OperatingSystem.IsMacOS() ? CloseOnExecMac : CloseOnExecLinux));
        if (handle < 0) throw LastError(path);
        try
        {
            if (Sync(handle) == 0) return;
            // Some network file systems cannot sync a folder and say so; restic goes on there as well.
            int error = Marshal.GetLastPInvokeError();
            if (error is not (Einval or EnotsupLinux or EnotsupMac)) throw LastError(path);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    /// <summary>
    /// Makes a folder in a folder that is there; one that exists is left as it is. .NET's own call makes the parents too, which would bring a folder back that was just moved away or unmounted.
    /// On Windows, where open files hold a folder in its place, it is that call.
    /// </summary>
    /// <exception cref="IOException">The parent is not there, or it may not be made.</exception>
    public static void CreateFolder(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else if (MakeDirectory(path, (uint)mode) != 0 && Marshal.GetLastPInvokeError() != Eexist) throw LastError(path);
    }

    private static IOException LastError(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{new Win32Exception(error).Message} : '{path}'", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    // mode_t has 32 bits on Linux and 16 on macOS, where the upper ones of a register are not looked at.
    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
