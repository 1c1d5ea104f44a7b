using System.Collections.Concurrent;
using System.Text;
using Microsoft.Win32.SafeHandles;
using ProdOps.Servers.FileSystem.Unix;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.HostKeys;

/// <summary>The files of known hosts on this machine. What was read is kept until the file changes; one for all connections of an owner.</summary>
internal sealed class KnownHostsFiles
{
    private const int MaximumLength = 64 * 1024 * 1024;
    private readonly ConcurrentDictionary<string, (DateTime Changed, long Length, KnownHostsText Text)> _read = new();
    private readonly Lock _writing = new();

    /// <summary>A file's text; a file that is not there knows nobody.</summary>
    /// <param name="path">The file.</param>
    /// <param name="notes">Receives why a file that is there cannot be read: OpenSSH goes on without it, which accepts less and never more.</param>
    public KnownHostsText? Read(string path, ICollection<string> notes)
    {
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists) return null;
            if (_read.TryGetValue(path, out var known) && known.Changed == info.LastWriteTimeUtc && known.Length == info.Length) return known.Text;
            if (info.Length > MaximumLength)
            {
                notes.Add($"{path} is larger than {MaximumLength / (1024 * 1024)} MiB and is not read");
                return null;
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true);
            var text = KnownHostsText.Parse(path, reader.ReadToEnd());
            _read[path] = (info.LastWriteTimeUtc, info.Length, text);
            return text;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            notes.Add($"{path} cannot be read: {exception.Message}");
            return null;
        }
    }

    /// <summary>
    /// Adds a host's key. The line is written in one go at the end of the file, so that what others add at the same moment stays,
    /// and only if no line says the same by now.
    /// </summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public void Add(string path, string host, SshPublicKey key, bool hashed)
    {
        lock (_writing)
        {
            _read.TryRemove(path, out _);
            if (Read(path, [])?.Find(host, []).Any(entry => entry.Marker == KnownHostMarker.None && entry.Key.Equals(key)) == true) return;
            CreateFolder(Path.GetDirectoryName(path));
            Append(path, $"{(hashed ? KnownHostName.Hash(host) : host)} {key}\n");
            _read.TryRemove(path, out _);
        }
    }

    private static void CreateFolder(string? folder)
    {
        if (string.IsNullOrEmpty(folder) || Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Append(string path, string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(EndsInMidLine(path) ? "\n" + line : line);
        if (LibC.IsSupported)
        {
            using var file = OpenToAppend(path);
            RandomAccess.Write(file, bytes, fileOffset: 0);
            return;
        }

        // Elsewhere .NET knows no appending that the system does: nobody else of ours may have the file open meanwhile.
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(path, options);
        stream.Write(bytes);
    }

    /// <summary>Opens with O_APPEND, by which Linux puts every write at the end whatever its position says (man 2 pwrite, BUGS).</summary>
    private static unsafe SafeFileHandle OpenToAppend(string path)
    {
        const int append = 0x400;
        const uint ownerOnly = 0x180;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int file = LibC.OpenAt(LibC.CurrentFolder, name, LibC.WriteOnly | LibC.Create | LibC.CloseOnExec | append, ownerOnly);
            if (file >= 0) return new(file, ownsHandle: true);
        }

        throw new IOException($"{path}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(LibC.LastError)}");
    }

    private static bool EndsInMidLine(string path)
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.Length == 0) return false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }
}
