using ProdOps.Logging.Collecting;
using ProdOps.Logging.Files;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Tests.Store;

namespace ProdOps.Logging.Tests.Files;

public sealed class LogImporterTests : IDisposable
{
    private static readonly LogStream Stream = new("web1", "app");

    private readonly StoreFixture _fixture = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-import-").FullName;

    [Fact]
    public async Task A_file_that_was_not_kept_is_brought_in_the_next_time_although_those_behind_it_were()
    {
        string older = Write("app.log.1", "older"), newer = Write("app.log", "newer");
        var set = Assert.Single(RotatedSet.Group([older, newer]));
        Assert.Equal([older, newer], set.Files);
        var first = await Importer(new BusySink(_fixture.Store)).ImportAsync(set, Stream, static _ => { }, default);
        Assert.Equal("LogStreamBusy", Assert.Single(_fixture.Activity.Errors).ErrorId);
        Assert.Equal((1, 50L), (first.Files, first.Lines));
        Assert.Equal(0, await _fixture.CountAsync(new LogQuery { Patterns = ["older"] }));

        var second = await Importer(_fixture.Store).ImportAsync(set, Stream, static _ => { }, default);
        Assert.Equal((2, 50L), (second.Files, second.Lines));
        Assert.Equal(50, await _fixture.CountAsync(new LogQuery { Patterns = ["older"] }));
        Assert.Equal(50, await _fixture.CountAsync(new LogQuery { Patterns = ["newer"] }));
        Assert.Equal(0, (await Importer(_fixture.Store).ImportAsync(set, Stream, static _ => { }, default)).Lines);
    }

    public void Dispose()
    {
        _fixture.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private LogImporter Importer(ILogSink sink) => new(sink, TimeProvider.System, _fixture.Activity) { Format = "plain", Zone = TimeZoneInfo.Utc };

    private string Write(string name, string word)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, 50).Select(i => $"2026-11-23T10:00:{i:00}Z {word} {i}\n")));
        return path;
    }

    /// <summary>A store whose first batch comes while another process writes to the stream.</summary>
    private sealed class BusySink(ILogSink store) : ILogSink
    {
        private bool _wasBusy;

        public Task AppendAsync(LogBatch batch, CancellationToken cancellationToken)
        {
            if (_wasBusy) return store.AppendAsync(batch, cancellationToken);
            _wasBusy = true;
            throw LoggingErrors.StreamBusy(batch.Stream.ToString(), 30);
        }

        public Task<IAsyncDisposable> LockAsync(LogStream stream, CancellationToken cancellationToken) => store.LockAsync(stream, cancellationToken);

        public Task<string?> GetCheckpointAsync(LogStream stream, CancellationToken cancellationToken) => store.GetCheckpointAsync(stream, cancellationToken);
    }
}
