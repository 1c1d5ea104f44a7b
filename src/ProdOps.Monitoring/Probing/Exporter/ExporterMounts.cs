using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The collector filesystem. It leaves out what its administrator has it leave out.</summary>
internal sealed class ExporterMounts
{
    private readonly LabelledRows<MountRow> _mounts = new("mountpoint", static (target, first) => new MountRow(target, first));

    /// <summary>What is mounted; <see langword="null"/> if nothing is told.</summary>
    public IReadOnlyList<MountReport>? Report => _mounts.All.Count == 0 ? null : [.. _mounts.All.Select(static row => row.Report)];

    public void Take(ReadOnlySpan<char> name, TextSample sample)
    {
        int column = name switch
        {
            "filesystem_size_bytes" => 0,
            "filesystem_free_bytes" => 1,
            "filesystem_avail_bytes" => 2,
            "filesystem_files" => 3,
            "filesystem_files_free" => 4,
            "filesystem_readonly" => 5,
            _ => -1,
        };
        if (column >= 0 && _mounts.Of(sample) is { } row) row.Take(column, sample);
    }

    private sealed class MountRow(string target, TextSample first)
    {
        private readonly CounterRow _values = new(target, 6);
        private string? _source = first.Text("device"), _type = first.Text("fstype");

        public MountReport Report
        {
            get
            {
                var (size, free, inodes, inodesFree) = (_values[0], _values[1], _values[3] is 0 ? null : _values[3], _values[4]);
                return new MountReport
                {
                    Target = _values.Name,
                    Source = _source,
                    Type = _type,
                    ReadOnly = _values[5] switch { 0 => false, 1 => true, _ => null },
                    Size = size,
                    Used = free <= size ? size - free : null,
                    Available = _values[2],
                    Inodes = inodes,
                    InodesUsed = inodesFree <= inodes ? inodes - inodesFree : null,
                    InodesFree = inodes is null ? null : inodesFree,
                };
            }
        }

        public void Take(int column, TextSample sample)
        {
            _values[column] = NodeExporterReader.Whole(sample.Value);
            // What is mounted over something has its numbers as well, but the disk is what people know.
            if (_source is ['/', ..] || sample.Raw("device") is not ['/', ..]) return;
            (_source, _type) = (sample.Text("device"), sample.Text("fstype"));
        }
    }
}
