using System.Globalization;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>Units, what listens, and which folders services have open.</summary>
internal static class ServiceReader
{
    public static void Read(CaptureText text, IReadOnlyDictionary<string, string> facts, ItemList items)
    {
        if (!facts.ContainsKey("systemd")) items.Gap("units", "the system was not started by systemd");
        AddUnits(text, items);
        AddSockets(text, items, Processes(text), facts.GetValueOrDefault("user") == "0");
    }

    /// <summary>The folders that services have files open in, each with the unit.</summary>
    public static Dictionary<string, string> OpenFolders(CaptureText text)
    {
        var processes = Processes(text);
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Lines("handles"))
            if (line.Split('\t') is [var id, var folder] && processes.TryGetValue(id, out var process) && process.Unit is { } unit) folders.TryAdd(folder, unit);
        return folders;
    }

    private static void AddUnits(CaptureText text, ItemList items)
    {
        var active = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Lines("units"))
            if (line.Split((char[]?)null, 5, StringSplitOptions.RemoveEmptyEntries) is [var name, _, var state, var sub, ..]) active.TryAdd(name, state == "active" ? sub : state);
        foreach (string line in text.Lines("unit-files"))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            string? preset = words.Length > 2 ? words[2] : null;
            bool decided = words[1] is "enabled" or "masked" or "linked" || (words[1] == "disabled" && preset == "enabled");
            if (decided) items.Add(Unit, words[0], Replay, "starts, or not, as it was told", null, ("State", words[1]), ("Active", active.GetValueOrDefault(words[0])));
        }

        // Who is logged in, and what the system starts for a moment when it is asked something, is no part of a server.
        foreach (var (name, state) in active)
            if (state == "running" && name.EndsWith(".service", StringComparison.Ordinal) && !name.StartsWith("user@", StringComparison.Ordinal) && !name.StartsWith("systemd-", StringComparison.Ordinal)) items.Add(Unit, name, Rebuild, "is started by another unit", null, ("Active", state));
    }

    private static void AddSockets(CaptureText text, ItemList items, Dictionary<string, (string? Unit, string Program)> processes, bool root)
    {
        if (!text.Has("sockets") && !text.Has("netstat")) items.Gap("sockets", "neither ss nor netstat was found");
        else if (!root) items.Gap("sockets", "which program listens is known to root only");
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Lines("walk"))
            if (line.Split('\t') is ["P", var package, var program]) owners.TryAdd(program, package);
        foreach (string line in text.Lines("sockets"))
        {
            // Netid, state, two queues, the local address, the peer's, and who has it (ss(8)).
            if (line.Split((char[]?)null, 7, StringSplitOptions.RemoveEmptyEntries) is not [var protocol, _, _, _, var local, _, .. var rest]) continue;
            string users = rest.Length > 0 ? rest[0] : "";
            int at = users.IndexOf("pid=", StringComparison.Ordinal);
            string id = at < 0 ? "" : string.Concat(users.Skip(at + 4).TakeWhile(char.IsAsciiDigit));
            Add(protocol, local, id);
        }

        foreach (string line in text.Lines("netstat"))
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var protocol, _, _, var local, .., var program] && protocol is "tcp" or "tcp6" or "udp" or "udp6")
                Add(protocol.TrimEnd('6'), local, string.Concat(program.TakeWhile(char.IsAsciiDigit)));

        void Add(string protocol, string local, string id)
        {
            var process = processes.GetValueOrDefault(id);
            int colon = local.LastIndexOf(':');
            if (colon < 0 || !int.TryParse(local.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return;
            // The port of a dynamic UDP socket is of the moment; a service's has a unit.
            items.Add(Socket, $"{protocol} {local}", Rebuild, process.Unit is null ? "is opened by a program" : "is opened by its unit", null,
                ("Unit", process.Unit), ("Program", process.Program), ("Package", process.Program is null ? null : owners.GetValueOrDefault(process.Program)));
        }
    }

    private static Dictionary<string, (string? Unit, string Program)> Processes(CaptureText text)
    {
        var processes = new Dictionary<string, (string?, string)>(StringComparer.Ordinal);
        foreach (string line in text.Lines("processes"))
            if (line.Split('\t') is [var id, var group, var program]) processes.TryAdd(id, (UnitOf(group), program.EndsWith(" (deleted)", StringComparison.Ordinal) ? program[..^10] : program));
        return processes;
    }

    /// <summary>The innermost service of a path of control groups, systemd's escapes undone as far as names have them.</summary>
    private static string? UnitOf(string group) => group.Split('/').LastOrDefault(part => part.EndsWith(".service", StringComparison.Ordinal) && !part.StartsWith("user@", StringComparison.Ordinal));
}
