using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Inventory.Probing;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Reads units: what systemctl shows, or what the scripts in /etc/init.d say.</summary>
internal static class UnitReader
{
    public static IReadOnlyList<UnitReport>? Units(Sections sections, IReadOnlyList<string> asked)
    {
        if (sections.Ended("services"))
            return [.. ServiceStates.Parse(asked, sections.Text("services").ToString()).Select(service => new UnitReport { Name = service.Service, Names = [service.Service], ActiveState = StateOf(service.State), LoadState = service.State == ServiceState.Missing ? "not-found" : null })];
        // It ends with 1 where a name is none at all; then that unit is missing from the list.
        if (!sections.Ended("units")) return null;
        var units = new List<UnitReport>();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in sections.LinesOf("units"))
        {
            int equals = line.IndexOf('=');
            if (equals <= 0 || equals > 64) continue;
            string name = line[..equals].ToString();
            // systemctl puts an empty line between units, and gives the properties in an order of its own: a name that comes again begins the next.
            if (values.ContainsKey(name)) Add(units, values);
            if (Sections.Name(line[(equals + 1)..]) is { } value) values[name] = value;
        }

        Add(units, values);
        return units;
    }

    /// <summary>The first word of each line; older systemctl puts a dot before it.</summary>
    public static IReadOnlyList<string>? Failed(Sections sections)
    {
        if (!sections.Succeeded("failed")) return null;
        var failed = new List<string>();
        foreach (var line in sections.LinesOf("failed"))
        {
            var fields = new Fields(line);
            var word = fields.Next();
            if (word.Length == 1 && !char.IsAscii(word[0])) word = fields.Next();
            if (failed.Count < Sections.MaximumCount && word.Contains('.') && Sections.Name(word) is { } name) failed.Add(name);
        }

        return failed;
    }

    private static void Add(List<UnitReport> units, Dictionary<string, string> values)
    {
        if (values.GetValueOrDefault("Id") is { Length: > 0 } id && units.Count < Sections.MaximumCount)
        {
            units.Add(new UnitReport
            {
                Name = id,
                Names = values.TryGetValue("Names", out string? names) ? names.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [id],
                LoadState = Word("LoadState"),
                ActiveState = Word("ActiveState"),
                SubState = Word("SubState"),
                Result = Word("Result"),
                Restarts = Known("NRestarts"),
                Memory = Known("MemoryCurrent"),
                CpuTime = Known("CPUUsageNSec"),
                ActiveSince = Known("ActiveEnterTimestampMonotonic") is > 0 and var since ? since / 1e6 : null,
            });
        }

        values.Clear();

        string? Word(string name) => values.GetValueOrDefault(name) is { Length: > 0 } word ? word : null;

        // What is not accounted for is "[not set]", or all bits set in older ones.
        ulong? Known(string name) => Fields.Number(values.GetValueOrDefault(name)) is { } number and < ulong.MaxValue ? number : null;
    }

    private static string? StateOf(ServiceState state) => state switch
    {
        ServiceState.Running => "active",
        ServiceState.Stopped or ServiceState.Missing => "inactive",
        _ => null,
    };
}
