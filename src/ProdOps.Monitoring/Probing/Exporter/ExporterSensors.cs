using ProdOps.Monitoring.Probing.Reading;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Exporter;

/// <summary>The collectors hwmon and thermal_zone: temperatures, by the names that the probe gives them.</summary>
internal sealed class ExporterSensors
{
    private readonly Dictionary<string, string> _chips = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Chip, string Sensor), string> _labels = [];
    private readonly List<(string Chip, string Sensor, double Celsius)> _read = [];
    private readonly List<(string Type, double Celsius)> _zones = [];

    public IReadOnlyList<SensorReading>? Report => _read.Count + _zones.Count == 0 ? null
        : SensorReader.Named(_read.Select(read => ($"{_chips.GetValueOrDefault(read.Chip, read.Chip)} {_labels.GetValueOrDefault((read.Chip, read.Sensor), read.Sensor)}", read.Celsius)).Concat(_zones));

    public void Take(ReadOnlySpan<char> name, TextSample sample)
    {
        if (_read.Count + _zones.Count + _chips.Count + _labels.Count >= Sections.MaximumCount) return;
        switch (name)
        {
            case "thermal_zone_temp" when sample.Text("type") is { } type: _zones.Add((type, sample.Value)); break;
            case "hwmon_temp_celsius" when sample.Text("chip") is { } chip && sample.Text("sensor") is { } sensor: _read.Add((chip, sensor, sample.Value)); break;
            case "hwmon_chip_names" when sample.Text("chip") is { } chip && sample.Text("chip_name") is { } known: _chips.TryAdd(chip, known); break;
            case "hwmon_sensor_label" when sample.Text("chip") is { } chip && sample.Text("sensor") is { } sensor && sample.Text("label") is { } label: _labels.TryAdd((chip, sensor), label); break;
        }
    }
}
