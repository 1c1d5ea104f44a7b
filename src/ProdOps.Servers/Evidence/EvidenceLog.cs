using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Evidence;

/// <summary>
/// What commands of one kind have proved, a line of JSON each, in a file of the user's alone. Lines are only added; when the file is full it becomes the one before, and that before it goes.
/// </summary>
/// <param name="folder">The folder of all evidence.</param>
/// <param name="name">The file's name without its ending.</param>
/// <param name="time">The clock.</param>
/// <param name="capacity">How many bytes each of the two files may have.</param>
internal sealed class EvidenceLog<T>(string folder, string name, TimeProvider time, int capacity = EvidenceLog<T>.UsualCapacity)
    where T : class
{
    private const int UsualCapacity = 2 * 1024 * 1024;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite, OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public string Path { get; } = System.IO.Path.Combine(folder, name + ".jsonl");

    private string Former => Path + ".1";

    /// <summary>Adds what was proved; it is on disk when this returns.</summary>
    /// <param name="proved">When it was proved.</param>
    /// <param name="environment">The environment's name; empty where none is known.</param>
    /// <param name="what">What was proved.</param>
    /// <param name="cancellationToken">Ends waiting for another process that adds.</param>
    /// <exception cref="ProdOpsException"><c>EvidenceNotKept</c>.</exception>
    public async Task AddAsync(DateTimeOffset proved, string environment, T what, CancellationToken cancellationToken)
    {
        try
        {
            byte[] line = [.. EvidenceJson.Write(new Proof<T>(proved, environment, $"{Environment.UserName}@{Environment.MachineName}", what)), (byte)'\n'];
            if (line.Length > capacity) throw ServersErrors.EvidenceTooLong(Path, line.Length);
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, OwnersFolder);
            // .NET appends by seeking to the end: two processes at once would write over each other's lines.
            using var turn = await FileLock.TakeAsync(System.IO.Path.Combine(folder, ".lock"), Patience, time, cancellationToken).ConfigureAwait(false) ?? throw ServersErrors.EvidenceBusy(folder);
            Append(line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ServersErrors.EvidenceNotKept(Path, error);
        }
    }

    /// <summary>All that was proved, in the order in which it was noted; a line that cannot be read is passed over.</summary>
    /// <exception cref="ProdOpsException"><c>EvidenceUnreadable</c>: there is evidence, and it cannot be read.</exception>
    public IReadOnlyList<Proof<T>> Read() => [.. Read(Former), .. Read(Path)];

    private void Append(byte[] line)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnersFile;
        var file = new FileStream(Path, options);
        try
        {
            if (file.Length + line.Length > capacity)
            {
                file.Dispose();
                File.Move(Path, Former, overwrite: true);
                file = new FileStream(Path, options);
            }

            // A line that was not written to its end must not take this one with it.
            bool isTorn = file.Length > 0 && ByteAt(file, file.Length - 1) != '\n';
            file.Position = file.Length;
            file.Write(isTorn ? [(byte)'\n', .. line] : line);
            file.Flush(flushToDisk: true);
        }
        finally
        {
            file.Dispose();
        }
    }

    private static int ByteAt(FileStream file, long position)
    {
        file.Position = position;
        return file.ReadByte();
    }

    private List<Proof<T>> Read(string path)
    {
        var found = new List<Proof<T>>();
        try
        {
            if (!File.Exists(path)) return found;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // Whoever made the file larger than we do: its end is the newest.
            file.Position = Math.Max(0, file.Length - capacity);
            byte[] content = new byte[(int)Math.Min(capacity, file.Length)];
            var text = content.AsSpan(0, file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false));
            foreach (var line in text.Split((byte)'\n'))
            {
                if (EvidenceJson.TryRead<T>(text[line]) is { } proof) found.Add(proof);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ServersErrors.EvidenceUnreadable(path, error);
        }

        return found;
    }
}
