using System.Text.Json;
using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>What disks say of themselves: a line of JSON for each, as smartctl prints it (smartctl(8), --json, of smartmontools 7.0 and later).</summary>
internal static class SmartReader
{
    private const int MaximumLine = 256 * 1024, MaximumDisks = 1000;

    // ATA attributes by number, whose raw values count sectors: replaced, waiting to be, not readable when all of the disk was read.
    private const int ReallocatedId = 5, PendingId = 197, UncorrectableId = 198;

    /// <summary>Those that say anything; not one that sleeps, and not one that has no such thing.</summary>
    public static IReadOnlyList<DiskHealthReport>? Read(Sections sections)
    {
        if (!sections.Has("smart")) return null;
        var disks = new Dictionary<string, DiskHealthReport>(StringComparer.Ordinal);
        foreach (var line in sections.LinesOf("smart"))
            if (line is ['{', ..] && line.Length <= MaximumLine && disks.Count < MaximumDisks && Disk(line) is { } disk) disks.TryAdd(disk.Name, disk);
        return [.. disks.Values];
    }

    private static DiskHealthReport? Disk(ReadOnlySpan<char> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line.ToString());
            var root = document.RootElement;
            if (NameOf(root) is not { } name) return null;
            var attributes = Attributes(root);
            var disk = new DiskHealthReport
            {
                Name = name,
                IsFailing = Find(root, "smart_status", "passed")?.ValueKind switch { JsonValueKind.True => false, JsonValueKind.False => true, _ => null },
                Reallocated = attributes.TryGetValue(ReallocatedId, out ulong replaced) ? replaced : Number(root, "scsi_grown_defect_list"),
                // The same sector can be in both.
                Unreadable = attributes.TryGetValue(PendingId, out ulong pending) | attributes.TryGetValue(UncorrectableId, out ulong uncorrectable) ? Math.Max(pending, uncorrectable) : null,
                // The last one is of 7.4 and later, for any disk.
                Wear = Number(root, "nvme_smart_health_information_log", "percentage_used") ?? Number(root, "scsi_percentage_used_endurance_indicator") ?? Number(root, "endurance_used", "current_percent"),
            };
            return disk is { IsFailing: null, Reallocated: null, Unreadable: null, Wear: null } ? null : disk;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Several disks are behind one device of a controller.</summary>
    private static string? NameOf(JsonElement root)
    {
        const string Devices = "/dev/";
        if (Text(root, "device", "name") is not { } device) return null;
        string name = device.StartsWith(Devices, StringComparison.Ordinal) ? device[Devices.Length..] : device;
        return Sections.Name(Text(root, "device", "type") is { } type && type.Contains(',', StringComparison.Ordinal) ? $"{name} {type}" : name);
    }

    private static Dictionary<int, ulong> Attributes(JsonElement root)
    {
        var values = new Dictionary<int, ulong>();
        if (Find(root, "ata_smart_attributes", "table") is not { ValueKind: JsonValueKind.Array } table) return values;
        foreach (var attribute in table.EnumerateArray())
            if (Number(attribute, "id") is { } id and <= 255 && Number(attribute, "raw", "value") is { } value) values.TryAdd((int)id, value);
        return values;
    }

    private static ulong? Number(JsonElement element, params ReadOnlySpan<string> path) =>
        Find(element, path) is { ValueKind: JsonValueKind.Number } number && number.TryGetUInt64(out ulong value) ? value : null;

    private static string? Text(JsonElement element, params ReadOnlySpan<string> path) => Find(element, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Find(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        }

        return element;
    }
}
