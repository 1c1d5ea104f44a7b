using ProdOps.Monitoring.Probing.Reading;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>
/// The collector systemd, which is off unless it was asked for (<c>--collector.systemd</c>). It tells of units that systemd has in memory, by their first names alone, and leaves kinds out:
/// what it does not tell of may well be there.
/// </summary>
internal sealed class ExporterUnits
{
    private readonly LabelledRows<Row> _units = new("name", static (name, _) => new Row(name));
    private ulong? _failed;

    private bool IsTold => _units.All.Any(static unit => unit.State is not null);

    /// <summary>Those in the failed state; of kinds that it leaves out only their number is known.</summary>
    public IReadOnlyList<string>? Failed
    {
        get
        {
            if (!IsTold) return null;
            var named = _units.All.Where(static unit => unit.State == "failed").Select(static unit => unit.Name).ToList();
            int unnamed = (int)Math.Min(Math.Max(_failed ?? 0, (ulong)named.Count) - (ulong)named.Count, Sections.MaximumCount);
            return [.. named, .. Enumerable.Repeat("one that its collector leaves out", unnamed)];
        }
    }

    public void Take(ReadOnlySpan<char> name, TextSample sample)
    {
        switch (name)
        {
            // A line for each state that there is, with 1 in that of the unit.
            case "systemd_unit_state" when _units.Of(sample) is { } unit: if (sample.Value == 1) unit.State ??= sample.Text("state"); break;
            case "systemd_service_restart_total" when _units.Of(sample) is { } unit: unit.Restarts ??= NodeExporterReader.Whole(sample.Value); break;
            case "systemd_units" when sample.Raw("state") is "failed": _failed ??= NodeExporterReader.Whole(sample.Value); break;
        }
    }

    /// <summary>The units that were asked for, as far as they are told of; those of other names are not known. <see langword="null"/> where nothing is told of any.</summary>
    public IReadOnlyList<UnitReport>? Of(IReadOnlyList<string> asked) => !IsTold || asked.Count == 0 ? null : [.. asked.SelectMany(Find).DistinctBy(static unit => unit.Name)];

    private IEnumerable<UnitReport> Find(string name)
    {
        if (NamePattern.HasWildcards(name)) return _units.All.Where(unit => NamePattern.IsMatch(name, unit.Name)).Select(static unit => unit.Report);
        return [_units.All.FirstOrDefault(unit => unit.Name == name || unit.Name == name + ".service")?.Report ?? new UnitReport { Name = name, Names = [name] }];
    }

    private sealed class Row(string name)
    {
        public string Name => name;

        public string? State { get; set; }

        public ulong? Restarts { get; set; }

        public UnitReport Report => new() { Name = name, Names = [name], ActiveState = State, Restarts = Restarts };
    }
}
