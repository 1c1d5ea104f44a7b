using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Tests.Store;

/// <summary>A store in a folder of its own.</summary>
internal sealed class StoreFixture : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 14, 30, 0, TimeSpan.Zero);

    public StoreFixture(LogStoreOptions? options = null)
    {
        Folder = Directory.CreateTempSubdirectory("prodops-logs-").FullName;
        Options = options ?? new LogStoreOptions();
        Store = Open();
    }

    public string Folder { get; }

    public LogStoreOptions Options { get; }

    public LogStore Store { get; private set; }

    public RecordingActivity Activity { get; } = new();

    public FakeTimeProvider Time { get; } = new(Now);

    public LogStore Open() => new(Folder, FormatCatalog.BuiltIn, Options, Activity);

    /// <summary>Closes the store and opens it again, as the next process does.</summary>
    public void Reopen()
    {
        Store.Dispose();
        Store = Open();
    }

    public Task AppendAsync(string server, string source, string lines, string? checkpoint = null, string? format = null) =>
        Store.AppendAsync(new LogBatch(new LogStream(server, source), Encoding.UTF8.GetBytes(lines)) { ReceivedTime = Now, Checkpoint = checkpoint, Format = format }, default);

    public async Task<List<LogEntry>> SearchAsync(LogQuery query)
    {
        var entries = new List<LogEntry>();
        await foreach (var batch in new StoreSearch(Store, Activity).SearchAsync(query, default)) entries.AddRange(batch);
        return entries;
    }

    public Task<long> CountAsync(LogQuery query) => new StoreSearch(Store, Activity).CountAsync(query, default);

    public List<string> SegmentFiles(string server, string source) => Store.GetSegments(new LogStream(server, source));

    /// <summary>What plain zstd makes of a stream's segments.</summary>
    public string Zstdcat(string server, string source)
    {
        var start = new ProcessStartInfo("zstd") { RedirectStandardOutput = true };
        start.ArgumentList.Add("-dc");
        foreach (string path in SegmentFiles(server, source)) start.ArgumentList.Add(path);
        using var process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return text;
    }

    public void Dispose()
    {
        Store.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Keeps what an engine told.</summary>
internal sealed class RecordingActivity : IActivity
{
    private readonly Lock _lock = new();

    public List<string> Warnings { get; } = [];

    public List<ProdOpsException> Errors { get; } = [];

    public void Verbose(string message) { }

    public void Warning(string message)
    {
        lock (_lock) Warnings.Add(message);
    }

    public void Error(ProdOpsException error)
    {
        lock (_lock) Errors.Add(error);
    }

    public void Progress(ActivityProgress progress) { }
}
