using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing.Reading;

/// <summary>
/// The memory of the control group at the top of what is seen: of a container, its own (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst). /proc tells of the machine that the container
/// is on, unless something such as LXCFS stands in for it.
/// </summary>
internal sealed class GroupMemory
{
    private ulong? _limit, _used, _swapLimit, _swapUsed, _kills, _legacyKills;
    private ulong _reclaimable;

    public void Line(ReadOnlySpan<char> file, Fields fields)
    {
        switch (file)
        {
            // "max" is no number, and no limit.
            case "memory.max" or "memory/memory.limit_in_bytes": _limit = fields.NextNumber(); break;
            case "memory.current" or "memory/memory.usage_in_bytes": _used = fields.NextNumber(); break;
            case "memory.swap.max": _swapLimit = fields.NextNumber(); break;
            case "memory.swap.current": _swapUsed = fields.NextNumber(); break;
            case "memory.events" when fields.Next() is "oom_kill": _kills = fields.NextNumber(); break;
            case "memory/memory.oom_control" when fields.Next() is "oom_kill": _legacyKills = fields.NextNumber(); break;
            case "memory.stat" when fields.Next() is "active_file" or "inactive_file" or "slab_reclaimable": Reclaim(fields); break;
            case "memory/memory.stat" when fields.Next() is "total_active_file" or "total_inactive_file": Reclaim(fields); break;
        }
    }

    /// <summary>What is left of the machine's memory for the group.</summary>
    public MemoryReport Limit(MemoryReport machine)
    {
        // A machine's own group has no such file. What others kill on the machine is not the group's.
        var report = _kills is { } kills ? machine with { OomKills = kills } : machine;
        if (_limit is not { } limit || _used is not { } used || machine.Total is not { } total || limit >= total) return report;
        ulong free = limit > used ? limit - used : 0, available = Math.Min(limit, free + Math.Min(_reclaimable, limit));
        report = report with
        {
            Total = limit,
            Free = free,
            Available = machine.Available < available ? machine.Available : available,
            OomKills = _kills ?? _legacyKills ?? machine.OomKills,
            Buffers = null,
            Cached = null,
            Shared = null,
            Dirty = null,
        };
        if (_swapLimit is not { } swapLimit || machine.SwapTotal is not { } swap) return report;
        ulong most = Math.Min(swap, swapLimit), taken = _swapUsed ?? 0;
        return report with { SwapTotal = most, SwapFree = most > taken ? most - taken : 0 };
    }

    private void Reclaim(Fields fields)
    {
        if (fields.NextNumber() is { } bytes && bytes <= ulong.MaxValue / 16) _reclaimable += bytes;
    }
}
