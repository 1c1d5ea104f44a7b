using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ProdOps.Benchmarks;

/// <summary>The two calls of the C library that .NET 10 does not offer.</summary>
internal static partial class Native
{
    public static void CreateHardLink(string existing, string path)
    {
        if (Link(existing, path) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot link '{path}'.");
    }

    /// <summary>Waits until everything written so far is on disk, so that no run pays for the one before it.</summary>
    [LibraryImport("libc", EntryPoint = "sync")]
    public static partial void Sync();

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);
}
