using System.IO.Compression;
using System.Security.Cryptography;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Compression;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>The log files of a server, by its shell: one command looks at all of them, and one sends what is new in all of them.</summary>
/// <param name="shell">The server's shell.</param>
/// <param name="asRoot">Whether to read by sudo.</param>
internal sealed class ServerFiles(IServerShell shell, bool asRoot) : IServerFiles
{
    /// <summary>Less is not worth a compressor.</summary>
    private const long CompressFrom = 64 * 1024;

    // A login shell takes no longer command line on Linux (MAX_ARG_STRLEN is 128 KiB), and quoting adds to it.
    private const int MaximumScript = 40 * 1024;

    // A log that is rotated is looked at again: what is half renamed looks as if a file were gone.
    private const int MaximumProbes = 4;

    private IReadOnlySet<string> _tools = new HashSet<string>();

    /// <summary>How many bytes the server sent, as it sent them.</summary>
    public long BytesReceived { get; private set; }

    public async Task<ServerFacts> ProbeAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            var facts = await ProbeOnceAsync(patterns, cancellationToken).ConfigureAwait(false);
            if (facts.IsSteady || attempt == MaximumProbes) return facts;
        }
    }

    private async Task<ServerFacts> ProbeOnceAsync(IReadOnlyList<string> patterns, CancellationToken cancellationToken)
    {
        string mark = NewMark();
        ServerFacts? facts = null;
        var files = new List<FileFact>();
        bool isSteady = true;
        var unsteady = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in Parts(patterns, pattern => pattern.Length * 2).DefaultIfEmpty([]))
        {
            var output = await RunAsync(FileScripts.Probe(part, mark), cancellationToken).ConfigureAwait(false);
            var found = ProbeReply.Parse(output.StandardOutput.Span, mark, shell.Name, part.Count > 0);
            facts ??= found;
            files.AddRange(found.Files);
            isSteady &= found.IsSteady;
            unsteady.UnionWith(found.Unsteady);
        }

        _tools = facts!.Tools;
        return facts with { Files = files, IsSteady = isSteady, Unsteady = unsteady };
    }

    public async Task<IReadOnlyList<ContentFact?>> LookAsync(IReadOnlyList<ContentWish> wishes, CancellationToken cancellationToken)
    {
        var contents = new List<ContentFact?>();
        foreach (var part in Parts(wishes, wish => 60 + (wish.File.Path.Length * 2)))
            contents.AddRange(ProbeReply.ParseLook((await RunAsync(FileScripts.Look(part), cancellationToken).ConfigureAwait(false)).Text, part, shell.Name));
        return contents;
    }

    public async Task ReadAsync(IReadOnlyList<ReadStep> steps, IReadTarget target, CancellationToken cancellationToken)
    {
        if (steps is [{ To: null } packed])
        {
            string mark = NewMark();
            string? by = Compressor(long.MaxValue);
            await ReadAsync(FileScripts.Unpack(packed, by, mark), by, (reply, token) => reply.TakeUnpackedAsync(0, packed, mark, token), target, cancellationToken).ConfigureAwait(false);
            return;
        }

        foreach (var part in Parts([.. steps.Index().Where(item => target.Wants(item.Index))], item => 90 + (item.Item.File.Path.Length * 2) + (item.Item.Tail.Length * 2)))
        {
            (int Index, ReadStep Step)[] wanted = [.. part.Where(item => target.Wants(item.Index))];
            string? compressor = Compressor(wanted.Sum(item => item.Step.Length));
            await ReadAsync(FileScripts.Read(wanted, compressor), compressor, (reply, token) => reply.TakeAsync(wanted, token), target, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(string script, string? compressor, Func<ReadReply, CancellationToken, Task> take, IReadTarget target, CancellationToken cancellationToken)
    {
        await using var process = await shell.StartAsync(new ServerCommand(script) { AsRoot = asRoot }, cancellationToken).ConfigureAwait(false);
        await process.StandardInput.DisposeAsync().ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var complaints = BoundedStream.ReadStartAsync(process.StandardError, stop.Token);
        await using var counted = new CountingStream(process.StandardOutput);
        await using Stream output = compressor switch
        {
            "zstd" => new ZstdReadStream(counted),
            "gzip" => new GZipStream(counted, CompressionMode.Decompress),
            _ => counted,
        };
        using var reader = new ReplyReader(output, shell.Name);
        try
        {
            await take(new ReadReply(reader, shell.Name, target), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            BytesReceived += counted.Count;
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)complaints).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<CommandOutput> RunAsync(string script, CancellationToken cancellationToken)
    {
        var output = await shell.RunAsync(new ServerCommand(script) { AsRoot = asRoot, Idempotent = true }, cancellationToken).ConfigureAwait(false);
        BytesReceived += output.StandardOutput.Length;
        return output;
    }

    private string? Compressor(long length) => length < CompressFrom ? null : _tools.Contains("zstd") ? "zstd" : _tools.Contains("gzip") ? "gzip" : null;

    private static IEnumerable<List<T>> Parts<T>(IReadOnlyList<T> items, Func<T, int> lengthOf)
    {
        var part = new List<T>();
        int length = 0;
        foreach (var item in items)
        {
            if (part.Count > 0 && length + lengthOf(item) > MaximumScript)
            {
                yield return part;
                part = [];
                length = 0;
            }

            part.Add(item);
            length += lengthOf(item);
        }

        if (part.Count > 0) yield return part;
    }

    private static string NewMark() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
