using System.Diagnostics;
using System.IO.Compression;
using ProdOps.Servers.Compression;

namespace ProdOps.Logging.Files;

/// <summary>Opens log files, compressed or not, by what they begin with and never by their names.</summary>
internal static class LogFileStream
{
    private const int MagicLength = 8;

    /// <summary>The content of a file, front to back.</summary>
    /// <exception cref="ProdOpsException">It cannot be read, or nothing here decompresses it.</exception>
    public static Stream Open(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.FileNotRead(path, error);
        }

        try
        {
            return Decompress(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Stream Decompress(FileStream file, string path)
    {
        Span<byte> magic = stackalloc byte[MagicLength];
        int length = file.ReadAtLeast(magic, MagicLength, throwOnEndOfStream: false);
        if (file.CanSeek) file.Position = 0;
        else throw LoggingErrors.FileNotRead(path, new IOException("it is no ordinary file."));
        magic = magic[..length];
        if (magic.StartsWith<byte>([0x1F, 0x8B])) return new GZipStream(file, CompressionMode.Decompress);
        // A zstd frame, or one of the sixteen skippable ones (RFC 8878, section 3.1).
        if (magic.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD]) || (length >= 4 && (magic[0] & 0xF0) == 0x50 && magic[1..4].SequenceEqual<byte>([0x2A, 0x4D, 0x18]))) return new ZstdReadStream(file);
        if (magic.StartsWith<byte>([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])) return RunTool("xz", file, path);
        return magic.StartsWith("BZh"u8) ? RunTool("bzip2", file, path) : file;
    }

    /// <summary>xz and bzip2 are decompressed by their own programs, which are wherever such files are made.</summary>
    private static ProgramStream RunTool(string tool, FileStream file, string path)
    {
        file.Dispose();
        var start = new ProcessStartInfo(tool) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in new[] { "-dc", "--", Path.GetFullPath(path) }) start.ArgumentList.Add(argument);
        try
        {
            return new ProgramStream(Process.Start(start)!, path);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw LoggingErrors.DecompressorMissing(path, tool, error);
        }
    }
}
