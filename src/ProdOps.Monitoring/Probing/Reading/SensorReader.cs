using System.Globalization;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Reads temperatures: the kernel's thermal zones, and the sensors of hwmon where there are no zones.</summary>
internal static class SensorReader
{
    private const int MaximumSensors = 500;

    public static IReadOnlyList<SensorReading>? Read(Sections sections)
    {
        if (!sections.Has("sensors")) return null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in sections.LinesOf("sensors"))
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && values.Count < Sections.MaximumCount && Sections.Name(line[..colon]) is { } path && Sections.Name(line[(colon + 1)..]) is { } value) values[path] = value;
        }

        var read = new List<(string Name, double Celsius)>();
        foreach (var (path, value) in values.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            int slash = path.LastIndexOf('/');
            string folder = path[..(slash + 1)], file = path[(slash + 1)..];
            string? name = file == "temp" ? values.GetValueOrDefault(folder + "type")
                : file.StartsWith("temp", StringComparison.Ordinal) && file.EndsWith("_input", StringComparison.Ordinal) && values.TryGetValue(folder + "name", out string? chip)
                    ? $"{chip} {values.GetValueOrDefault(folder + file[..^6] + "_label", file[..^6])}"
                    : null;
            // Thousandths of a degree.
            if (name is not null && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int thousandths)) read.Add((name, thousandths / 1000.0));
        }

        return Named(read);
    }

    /// <summary>Readings under names of their own. What is hotter or colder than any machine that runs is a sensor that is not connected.</summary>
    public static IReadOnlyList<SensorReading> Named(IEnumerable<(string Name, double Celsius)> read)
    {
        var readings = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, celsius) in read)
        {
            if (readings.Count == MaximumSensors || celsius is not (>= -60 and <= 200 and not 0)) continue;
            string unique = name;
            for (int number = 2; !readings.TryAdd(unique, celsius); number++) unique = $"{name} {number.ToString(CultureInfo.InvariantCulture)}";
        }

        return [.. readings.Select(reading => new SensorReading(reading.Key, reading.Value))];
    }
}
