using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The collectors uname, os, timex and processes; the last is off unless it was asked for.</summary>
internal sealed class ExporterSystem
{
    private readonly Dictionary<char, int> _states = [];
    private ulong? _count;

    public SystemReport Report { get; private set; } = new();

    /// <summary>Whether a time service keeps the clock right, as the kernel knows it.</summary>
    public bool? IsSynchronized { get; private set; }

    public ProcessReport Processes => new() { Count = _count, ByState = _states.Count > 0 ? _states : null };

    public void Take(ReadOnlySpan<char> name, TextSample sample)
    {
        switch (name)
        {
            case "uname_info": Report = Report with { Kernel = sample.Text("release") }; break;
            case "os_info": Report = Report with { Id = sample.Text("id"), Version = sample.Text("version_id"), Name = sample.Text("pretty_name") }; break;
            case "os_support_end_timestamp_seconds":
                Report = Report with { SupportEnd = sample.Value is > 0 and < 2e11 ? DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds((long)sample.Value).UtcDateTime) : null };
                break;
            case "timex_sync_status": IsSynchronized = sample.Value switch { 0 => false, 1 => true, _ => null }; break;
            case "processes_pids": _count = NodeExporterReader.Whole(sample.Value); break;
            case "processes_state":
                if (sample.Raw("state") is [var state] && char.IsAsciiLetter(state) && sample.Value is >= 0 and <= int.MaxValue) _states[state] = (int)sample.Value;
                break;
        }
    }
}
