using System.Runtime.InteropServices;
using System.Text;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>A server's disk in memory: files with identities and times that are written to, rotated and packed between and during the collector's looks.</summary>
internal sealed class SimulatedServer : IServerFiles
{
    private readonly Dictionary<string, Inode> _files = new(StringComparer.Ordinal);
    private readonly Stack<int> _freed = new();
    private int _lastInode = 100;

    /// <summary>The server's clock, in microseconds.</summary>
    public long Now { get; set; } = 1_764_000_000_000_000;

    /// <summary>Freed inode numbers are given away again, as ext4 does.</summary>
    public bool ReusesInodes { get; set; } = true;

    /// <summary>How times are rounded, in microseconds.</summary>
    public long Granularity { get; set; } = 1;

    /// <summary>Called between the collector's steps.</summary>
    public Action? Meanwhile { get; set; }

    /// <summary>What a look at the server tells of it.</summary>
    public Func<ServerFacts, ServerFacts> Sees { get; set; } = static facts => facts;

    /// <summary>How many bytes are sent in one piece.</summary>
    public int PieceSize { get; set; } = 64;

    public int Device { get; set; } = 65024;

    public int Looks { get; private set; }

    public int Probes { get; private set; }

    public IEnumerable<string> Paths => _files.Keys.Order(StringComparer.Ordinal);

    public bool Exists(string path) => _files.ContainsKey(path);

    public string Content(string path) => Encoding.UTF8.GetString(_files[path].Content.ToArray());

    public void Append(string path, string text)
    {
        if (!_files.TryGetValue(path, out var file)) _files[path] = file = new Inode(NewInode());
        Write(file, text);
    }

    /// <summary>A file that stays open whatever it is called.</summary>
    public Action<string> Open(string path)
    {
        if (!_files.TryGetValue(path, out var file)) Append(path, "");
        file = _files[path];
        return text => Write(file, text);
    }

    public void Rename(string from, string to)
    {
        Delete(to);
        _files[to] = _files[from];
        _files.Remove(from);
    }

    public void Copy(string from, string to)
    {
        Delete(to);
        Append(to, "");
        _files[to].Content.AddRange(_files[from].Content);
        _files[to].Modified = Stamp();
    }

    public void Truncate(string path)
    {
        _files[path].Content.Clear();
        _files[path].Modified = Stamp();
    }

    public long ModifiedOf(string path) => _files[path].Modified;

    /// <summary>A packed file is a file of its own with the time of the old one, or with that which the old one had some time before.</summary>
    public void Pack(string path, string extension = ".gz", long? modified = null)
    {
        var plain = _files[path];
        Delete(path + extension);
        var packed = new Inode(NewInode()) { Modified = modified ?? plain.Modified };
        packed.Content.AddRange(plain.Content);
        _files[path + extension] = packed;
        Delete(path);
    }

    public void Delete(string path)
    {
        if (!_files.Remove(path, out var file)) return;
        if (ReusesInodes) _freed.Push(file.Number);
    }

    public Task<ServerFacts> ProbeAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken)
    {
        Probes++;
        var facts = new ServerFacts(Now, [.. _files.Where(file => patterns.Any(pattern => GlobPattern.IsMatch(pattern, file.Key))).Select(file => Fact(file.Key, file.Value))]);
        Meanwhile?.Invoke();
        return Task.FromResult(Sees(facts));
    }

    public Task<IReadOnlyList<ContentFact?>> LookAsync(IReadOnlyList<ContentWish> wishes, CancellationToken cancellationToken)
    {
        Looks++;
        var contents = new ContentFact?[wishes.Count];
        for (int i = 0; i < wishes.Count; i++)
        {
            var wish = wishes[i];
            if (!_files.TryGetValue(wish.File.Path, out var file)) continue;
            byte[] all = [.. file.Content];
            int end = (int)Math.Min(wish.TailEnd, all.Length), start = Math.Max(0, (int)wish.TailEnd - FileMark.ContentLength);
            contents[i] = new ContentFact(Id(file), all.AsMemory(0, Math.Min(all.Length, FileMark.ContentLength)))
            {
                Tail = start < end ? all.AsMemory(start, end - start) : default,
                TailEnd = wish.TailEnd,
                GoesOn = all.Length > wish.TailEnd,
                Length = wish.File.IsPacked && wish.File.Packing != Packing.Gzip && wish.TailEnd > 0 ? all.Length : null,
                Size = Fact(wish.File.Path, file).Size,
                ModifiedSecond = file.Modified / 1_000_000,
                LengthModulo = wish.File.Packing == Packing.Gzip ? (uint)all.Length : null,
            };
        }

        Meanwhile?.Invoke();
        return Task.FromResult<IReadOnlyList<ContentFact?>>(contents);
    }

    public async Task ReadAsync(IReadOnlyList<ReadStep> steps, IReadTarget target, CancellationToken cancellationToken)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            if (!target.Wants(i)) continue;
            var step = steps[i];
            if (!_files.TryGetValue(step.File.Path, out var file) || Id(file) != step.File.Id || (!step.File.IsPacked && file.Content.Count < step.From.Offset)
                || (step.IsFixed && Fact(step.File.Path, file) is var now && (now.Size, now.ModifiedSecond) != (step.File.Size, step.File.ModifiedSecond))
                || !step.Tail.Span.SequenceEqual(CollectionsMarshal.AsSpan(file.Content)[(int)Math.Min(step.TailEnd - step.Tail.Length, file.Content.Count)..(int)Math.Min(step.TailEnd, file.Content.Count)]))
            {
                await target.EndAsync(i, ReadEnd.Changed, cancellationToken);
                continue;
            }

            byte[] all = [.. file.Content];
            target.Begin(i, all.AsSpan(0, Math.Min(all.Length, Math.Max(step.From.Known, step.Head.Length))));
            long end = Math.Min(all.Length, step.To ?? all.Length);
            for (long at = step.From.Offset - step.From.Known; at < end; at += PieceSize)
                await target.TakeAsync(i, all.AsMemory((int)at, (int)Math.Min(PieceSize, end - at)), cancellationToken);
            await target.EndAsync(i, end < step.To ? ReadEnd.Changed : ReadEnd.Complete, cancellationToken);
            Meanwhile?.Invoke();
        }
    }

    private FileFact Fact(string path, Inode file) => new(path, Id(file), RotatedName.Unpacked(path).Packing == Packing.None ? file.Content.Count : 20 + (file.Content.Count / 3), file.Modified);

    private string Id(Inode file) => $"{Device}:{file.Number}";

    private void Write(Inode file, string text)
    {
        file.Content.AddRange(Encoding.UTF8.GetBytes(text));
        file.Modified = Stamp();
    }

    private long Stamp() => Now / Granularity * Granularity;

    private int NewInode() => _freed.TryPop(out int freed) ? freed : ++_lastInode;

    private sealed class Inode(int number)
    {
        public int Number => number;

        public List<byte> Content { get; } = [];

        public long Modified { get; set; }
    }
}
