using Microsoft.Win32.SafeHandles;

namespace ProdOps.Backup.Storage;

/// <summary>
/// A file for a remote place while it is made and sent: a temporary file of this machine, since several packs are on their way at once and would take most of a
/// backup's memory. Nobody else can read it, and it is gone with the process.
/// </summary>
internal sealed class SpoolFile : UploadContent, IDisposable
{
    private readonly string _folder;
    private readonly SafeFileHandle _handle;
    private long _length;

    /// <param name="folder">The folder for temporary files.</param>
    public SpoolFile(string folder)
    {
        _folder = folder;
        try
        {
            _handle = Open(Path.Combine(folder, $"prodops-{Guid.NewGuid():n}"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw BackupErrors.TemporaryFileFailed(folder, error);
        }
    }

    public override long Length => _length;

    /// <summary>Adds bytes at the end. Not to be called from two threads at once.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, _length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw BackupErrors.TemporaryFileFailed(_folder, error);
        }

        _length += bytes.Length;
    }

    public override void Read(long offset, Span<byte> buffer)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                int read = RandomAccess.Read(_handle, buffer, offset);
                if (read == 0) throw new EndOfStreamException();
                buffer = buffer[read..];
                offset += read;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw BackupErrors.TemporaryFileFailed(_folder, error);
        }
    }

    public void Dispose() => _handle.Dispose();

    private static SafeFileHandle Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (OperatingSystem.IsWindows()) options.Options = FileOptions.DeleteOnClose;
        else options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // The stream is only the way to give these; its handle outlives it here.
        var handle = new FileStream(path, options).SafeFileHandle;
        // Without a name nothing is left behind, however this process ends.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return handle;
    }
}
