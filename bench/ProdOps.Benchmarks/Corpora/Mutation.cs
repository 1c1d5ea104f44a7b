namespace ProdOps.Benchmarks.Corpora;

/// <summary>A change made to a corpus, with what is needed to take it back.</summary>
internal abstract class Mutation
{
    public abstract string Description { get; }

    public abstract void Revert();
}

/// <summary>Text appended to every hundredth file or so.</summary>
internal sealed class AppendMutation : Mutation
{
    private readonly List<(string Path, long Length, DateTime Written)> _changed = [];
    private long _bytes;

    public override string Description => FormattableString.Invariant($"{_changed.Count:N0} files appended to, {_bytes:N0} bytes");

    public static AppendMutation Apply(string folder, ulong seed)
    {
        // Sorted, because a folder lists its names in an order of its own.
        var files = CorpusFacts.Entries(folder)
            .Where(entry => (entry.Attributes & (FileAttributes.ReparsePoint | FileAttributes.Directory)) == 0)
            .Select(entry => entry.Path)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var random = new SeededRandom(seed);
        var text = new TextContent(new Vocabulary(seed, 2_000));
        var mutation = new AppendMutation();
        var chosen = new HashSet<int>();
        int count = Math.Max(1, files.Length / 100);
        while (chosen.Count < count)
        {
            int index = random.Below(files.Length);
            if (chosen.Add(index))
                mutation.Append(files[index], text, ref random);
        }
        return mutation;
    }

    public override void Revert()
    {
        // In reverse, so that a file with two names gets back its first length.
        foreach (var (path, length, written) in Enumerable.Reverse(_changed))
        {
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
                file.SetLength(length);
            File.SetLastWriteTimeUtc(path, written);
        }
    }

    private void Append(string path, TextContent text, ref SeededRandom random)
    {
        var info = new FileInfo(path);
        _changed.Add((path, info.Length, info.LastWriteTimeUtc));
        var addition = new byte[200 + random.Below(2_000)];
        text.FillSource(ref random, addition);
        File.AppendAllBytes(path, addition);
        _bytes += addition.Length;
    }
}

/// <summary>Random bytes over whole mebibytes here and there in one large file: 1 % of it.</summary>
internal sealed class OverwriteMutation : Mutation
{
    private const int Piece = 1 << 20;

    private readonly string _path;
    private readonly DateTime _written;
    private readonly List<(long Position, byte[] Bytes)> _before = [];

    private OverwriteMutation(string path) => (_path, _written) = (path, File.GetLastWriteTimeUtc(path));

    public override string Description => $"{_before.Count} pieces of 1 MiB overwritten";

    public static OverwriteMutation Apply(string path, ulong seed)
    {
        var mutation = new OverwriteMutation(path);
        var random = new SeededRandom(seed);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        long length = RandomAccess.GetLength(file);
        int count = Math.Max(1, (int)Math.Ceiling(length / 100.0 / Piece));
        for (int i = 0; i < count; i++)
        {
            long position = random.Below(length - Piece);
            var bytes = new byte[Piece];
            RandomAccess.Read(file, bytes, position);
            mutation._before.Add((position, bytes));
            var replacement = new byte[Piece];
            random.Fill(replacement);
            RandomAccess.Write(file, replacement, position);
        }
        return mutation;
    }

    public override void Revert()
    {
        using (var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write))
            foreach (var (position, bytes) in Enumerable.Reverse(_before))
                RandomAccess.Write(file, bytes, position);
        File.SetLastWriteTimeUtc(_path, _written);
    }
}
