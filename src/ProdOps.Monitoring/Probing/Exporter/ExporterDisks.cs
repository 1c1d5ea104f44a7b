using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The collector diskstats.</summary>
internal sealed class ExporterDisks
{
    // Seconds there.
    private const double Milliseconds = 1000;

    private readonly LabelledRows<CounterRow> _disks = new("device", static (name, _) => new CounterRow(name, 8));

    private bool _told;

    /// <summary>Those of which everything is told; <see langword="null"/> if of none anything is.</summary>
    public IReadOnlyList<DiskReport>? Report
    {
        get
        {
            if (!_told) return null;
            var disks = new List<DiskReport>(_disks.All.Count);
            Span<ulong> n = stackalloc ulong[8];
            foreach (var row in _disks.All)
                if (row.TryAll(n)) disks.Add(new DiskReport { Name = row.Name, Reads = n[0], ReadBytes = n[1], ReadTime = n[2], Writes = n[3], WrittenBytes = n[4], WriteTime = n[5], InFlight = n[6], BusyTime = n[7] });
            return disks;
        }
    }

    public void Take(ReadOnlySpan<char> name, TextSample sample)
    {
        var (column, scale) = name switch
        {
            "disk_reads_completed_total" => (0, 1),
            "disk_read_bytes_total" => (1, 1),
            "disk_read_time_seconds_total" => (2, Milliseconds),
            "disk_writes_completed_total" => (3, 1),
            "disk_written_bytes_total" => (4, 1),
            "disk_write_time_seconds_total" => (5, Milliseconds),
            "disk_io_now" => (6, 1),
            "disk_io_time_seconds_total" => (7, Milliseconds),
            _ => (-1, 0.0),
        };
        if (column < 0) return;
        _told = true;
        if (_disks.Of(sample) is { } row) row[column] = NodeExporterReader.Whole(sample.Value, scale);
    }
}
