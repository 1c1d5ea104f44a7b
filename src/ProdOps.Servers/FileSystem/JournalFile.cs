using System.Globalization;
using System.Text;

namespace ProdOps.Servers.FileSystem;

/// <summary>
/// A file of lines that are on disk when they were added, so that work can be taken up again whatever ended it. The first line says what the work is. One process at a time has it open, and it is its
/// user's alone: journals hold the texts of failures.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const string Ending = ".jsonl";

    // A journal is a few lines a server or step.
    private const long Largest = 64 * 1024 * 1024;

    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite, OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    private readonly FileStream _file;

    private JournalFile(FileStream file, string name, IReadOnlyList<string> lines) => (_file, Name, Lines) = (file, name, lines);

    /// <summary>The journal's name: what its work is about, and the time.</summary>
    public string Name { get; }

    public string Path => _file.Name;

    /// <summary>The lines that it had when it was opened, the first one too.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Begins a journal.</summary>
    /// <param name="folder">Where journals are; it is made.</param>
    /// <param name="subject">What the work is about, for the name.</param>
    /// <param name="now">The time, for the name.</param>
    /// <param name="firstLine">Makes the first line of the name.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static JournalFile Create(string folder, string subject, DateTimeOffset now, Func<string, byte[]> firstLine)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnersFolder);
        string begin = NameFor(subject, now);
        for (int number = 1; ; number++)
        {
            string name = number == 1 ? begin : string.Create(CultureInfo.InvariantCulture, $"{begin}-{number}");
            string path = PathOf(folder, name);
            if (TryCreate(path) is not { } file) continue;
            var journal = new JournalFile(file, name, []);
            try
            {
                journal.Append(firstLine(name));
                NativeFiles.SyncDirectory(folder);
                return journal;
            }
            catch
            {
                // Without its first line it would be a damaged one for ever.
                journal.Discard();
                throw;
            }
        }
    }

    /// <summary>Whether there is a journal of the name.</summary>
    public static bool Exists(string folder, string name) => name.Length > 0 && !name.AsSpan().ContainsAny('/', '\\') && File.Exists(PathOf(folder, name));

    /// <summary>Opens a journal to go on with it; <see langword="null"/> where another process has it open.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static JournalFile? TryOpen(string folder, string name)
    {
        if (FileLock.TryTake(PathOf(folder, name)) is not { } file) return null;
        try
        {
            using var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
            string text = reader.ReadToEnd();
            string[] lines = WholeLines(text, out int whole);
            file.SetLength(Encoding.UTF8.GetByteCount(text.AsSpan(0, whole)));
            file.Position = file.Length;
            return new JournalFile(file, name, lines);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The lines of a journal that somebody else may be writing to. Its lock is none for readers who do not ask for one, as .NET's own do.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string[] Read(string folder, string name)
    {
        using var file = SourceFileSystem.Local.OpenFile(Encoding.UTF8.GetBytes(PathOf(folder, name)));
        using var content = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        for (int length; (length = file.Read(buffer)) > 0;)
        {
            if (content.Length > Largest) throw new IOException($"{PathOf(folder, name)} is larger than a journal can be.");
            content.Write(buffer, 0, length);
        }

        return WholeLines(Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length), out _);
    }

    /// <summary>Whether a process has a journal open to write to it.</summary>
    public static bool IsOpen(string folder, string name)
    {
        try
        {
            using var file = FileLock.TryTake(PathOf(folder, name));
            return file is null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The names of all journals, the latest first.</summary>
    public static IReadOnlyList<string> List(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles($"*{Ending}").OrderByDescending(file => file.LastWriteTimeUtc).Select(file => file.Name[..^Ending.Length])];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Adds a line; it is on disk when this returns. Callers take turns.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Append(byte[] line)
    {
        _file.Write([.. line, (byte)'\n']);
        _file.Flush(flushToDisk: true);
    }

    /// <summary>Closes the journal and removes it. One that cannot be removed stays.</summary>
    public void Discard()
    {
        _file.Dispose();
        try
        {
            File.Delete(Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Makes the file, unless there is one: others begin work of the same name in the same second.</summary>
    private static FileStream? TryCreate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnersFile;
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    private static string[] WholeLines(string text, out int whole)
    {
        // What was written when the power went is a line without an end: it was not noted.
        whole = text.LastIndexOf('\n') + 1;
        return text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string NameFor(string subject, DateTimeOffset now)
    {
        string safe = string.Concat(subject.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')).TrimStart('.', '-');
        return string.Create(CultureInfo.InvariantCulture, $"{(safe.Length == 0 ? "update" : safe[..Math.Min(safe.Length, 60)])}-{now:yyyyMMdd-HHmmss}");
    }

    private static string PathOf(string folder, string name) => System.IO.Path.Combine(folder, name + Ending);
}
