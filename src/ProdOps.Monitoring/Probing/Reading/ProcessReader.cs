using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>Reads processes.</summary>
internal static class ProcessReader
{
    /// <summary>How many of the largest are kept.</summary>
    public const int Kept = 15;

    public static ProcessReport Read(Sections sections)
    {
        ulong? count = new Fields(sections.FirstLine("processes")).NextNumber();
        var outdated = sections.Ended("outdated") ? Ids(sections) : null;
        // sed ends with 2 where a process was gone before it came to it.
        if (!sections.Ended("tasks")) return new ProcessReport { Count = count };
        ulong? page = Page(sections);
        var states = new Dictionary<char, int>();
        var largest = new PriorityQueue<ProcessEntry, ulong>();
        var zombies = new List<ProcessEntry>();
        var old = new List<ProcessEntry>();
        foreach (var line in sections.LinesOf("tasks"))
        {
            if (Entry(line, page, out ulong pages) is not { } process) continue;
            states[process.State] = states.GetValueOrDefault(process.State) + 1;
            if (process.State == 'Z' && zombies.Count < Kept) zombies.Add(process);
            if (outdated is not null && outdated.Contains(process.Id) && old.Count < Sections.MaximumCount) old.Add(process);
            if (pages == 0) continue;
            if (largest.Count < Kept) largest.Enqueue(process, pages);
            else largest.EnqueueDequeue(process, pages);
        }

        if (states.Count == 0) return new ProcessReport { Count = count };
        var descending = new ProcessEntry[largest.Count];
        for (int i = descending.Length - 1; i >= 0; i--) descending[i] = largest.Dequeue();
        return new ProcessReport { Count = count, ByState = states, Largest = descending, Zombies = zombies, Outdated = outdated is null ? null : old };
    }

    /// <summary><c>1 S 0 3012 systemd</c>: id, state, parent, pages, name.</summary>
    private static ProcessEntry? Entry(ReadOnlySpan<char> line, ulong? page, out ulong pages)
    {
        var fields = new Fields(line);
        ulong? id = fields.NextNumber();
        var state = fields.Next();
        fields.Next();
        ulong? resident = fields.NextNumber();
        pages = resident ?? 0;
        if (id is null or > int.MaxValue || resident is null || state.Length != 1 || !char.IsAsciiLetter(state[0]) || fields.Rest.Length > 64 || Sections.Name(fields.Rest) is not { } name) return null;
        return new ProcessEntry((int)id, name, state[0], page is { } unit ? Fields.Scaled(resident, unit) : null);
    }

    /// <summary>getconf's number, or <c>KernelPageSize: 4 kB</c>.</summary>
    private static ulong? Page(Sections sections)
    {
        var fields = new Fields(sections.FirstLine("page"));
        var word = fields.Next();
        ulong? size = word is "KernelPageSize:" ? Fields.Scaled(fields.NextNumber(), 1024) : Fields.Number(word);
        return size is >= 4096 and <= 1 << 20 ? size : null;
    }

    /// <summary>grep names the files that have it: <c>1234/maps</c>. It ends with 1 where there are none, with 2 where some process was gone.</summary>
    private static HashSet<int> Ids(Sections sections)
    {
        var ids = new HashSet<int>();
        foreach (var line in sections.LinesOf("outdated"))
        {
            int slash = line.IndexOf('/');
            if (slash > 0 && Fields.Number(line[..slash]) is { } id and <= int.MaxValue) ids.Add((int)id);
        }

        return ids;
    }
}
