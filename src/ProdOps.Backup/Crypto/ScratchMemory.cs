using System.Runtime.InteropServices;

namespace ProdOps.Backup.Crypto;

/// <summary>
/// Memory outside of the managed heap that is the system's again once it is disposed. malloc of glibc would keep it: after the first area of a size was freed it takes others from heaps that it
/// has for threads, eight a processor, and gives little of them back (mallopt(3), M_MMAP_THRESHOLD). A process that opens repositories again and again then held more than 1 GB.
/// </summary>
internal sealed unsafe partial class ScratchMemory : IDisposable
{
    private const int Alignment = 64;

    // asm-generic/mman-common.h; the same on all of Linux's processors that .NET runs on.
    private const int ReadAndWrite = 3, PrivateAndAnonymous = 0x22, Failed = -1;

    private readonly nuint _length;
    private void* _start;

    /// <param name="length">How many bytes, not 0; what is in them is not said.</param>
    /// <exception cref="OutOfMemoryException">There are not as many.</exception>
    public ScratchMemory(nuint length)
    {
        _length = length;
        _start = OperatingSystem.IsLinux() ? Map(0, length, ReadAndWrite, PrivateAndAnonymous, -1, 0) : NativeMemory.AlignedAlloc(length, Alignment);
        if ((nint)_start != Failed) return;
        _start = null;
        throw new OutOfMemoryException();
    }

    /// <summary>The first byte, at a multiple of 64.</summary>
    public byte* Start => (byte*)_start;

    public void Dispose()
    {
        if (_start is null) return;
        if (OperatingSystem.IsLinux()) _ = Unmap(_start, _length);
        else NativeMemory.AlignedFree(_start);
        _start = null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* start, nuint length);
}
