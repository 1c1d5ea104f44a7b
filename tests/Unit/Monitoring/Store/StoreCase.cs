using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Tests.Store;

/// <summary>A store of its own, at the pace of a clock that is set by hand; what it tells is kept.</summary>
internal sealed class StoreCase : IDisposable, IActivity
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public StoreCase() => Store = Open();

    public FakeTimeProvider Time { get; } = new(Start);

    public MetricStore Store { get; private set; }

    public List<ProdOpsException> Errors { get; } = [];

    public string Path => _folder["metrics.db"];

    public MetricStore Open(bool readOnly = false) => MetricStore.Open(Path, Time, this, readOnly);

    public void Reopen(Action between)
    {
        Store.Dispose();
        between();
        Store = Open();
    }

    /// <summary>A clock that may also be set back, which the fake one does not do.</summary>
    public void SetTime(DateTimeOffset now) => Time.AdjustTime(now);

    public static MetricSample Sample(DateTimeOffset time, double value, string server = "web1", string name = "cpu.busy", string? instance = null) =>
        new() { Server = server, Name = name, Instance = instance, Unit = "%", Value = value, Time = time };

    public List<MetricSample> All(MetricResolution resolution = MetricResolution.Raw, MetricFunction function = MetricFunction.Average) =>
        [.. Store.Query(new MetricQuery { From = DateTimeOffset.UnixEpoch, To = Start.AddYears(20), Resolution = resolution, Function = function }, default)];

    /// <summary>Runs SQL past the store, as somebody with sqlite3 would; gives the first column of each row.</summary>
    public List<string> Sql(string text)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))));
        return rows;
    }

    public void Dispose()
    {
        Store.Dispose();
        _folder.Dispose();
    }

    void IActivity.Verbose(string message)
    {
    }

    void IActivity.Warning(string message)
    {
    }

    void IActivity.Error(ProdOpsException error) => Errors.Add(error);

    void IActivity.Progress(ActivityProgress progress)
    {
    }
}
