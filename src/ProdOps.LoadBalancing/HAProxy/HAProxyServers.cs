using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.Servers.HAProxy;
using static System.FormattableString;

namespace ProdOps.LoadBalancing.HAProxy;

/// <summary>Makes a server of a pool out of its row in HAProxy's table and of what an administrator wants of it.</summary>
internal static class HAProxyServers
{
    /// <param name="row">The row of the table (<c>show stat</c>).</param>
    /// <param name="details">Its line in <c>show servers state</c>, where there is one.</param>
    /// <param name="balancer">The balancer.</param>
    /// <param name="entry">The environment's entry.</param>
    /// <param name="now">When the table was made.</param>
    public static BackendServer Read(HAProxyRow row, HAProxyServerState? details, string balancer, string? entry, DateTimeOffset now)
    {
        string status = row.Status;
        var state = StateOf(status);
        int weight = (int)(row.Number("uweight") ?? details?.Weight ?? row.Number("weight") ?? 0);
        long[] answers = [.. AnswerColumns.Select(column => row.Number(column) ?? 0)];
        long all = answers.Sum(), errors = row.Number("hrsp_5xx") ?? 0;
        string check = row["check_status"].TrimStart('*', ' ');
        return new BackendServer
        {
            Name = row.Name,
            Pool = row.Proxy,
            Balancer = balancer,
            LoadBalancer = entry,
            Address = row["addr"],
            State = state,
            AdminState = details?.Wanted ?? (state is BackendServerState.Maintenance or BackendServerState.Drain ? state : BackendServerState.Up),
            TakesRequests = Takes(row),
            Reason = ReasonOf(row, state, details, weight, check),
            Weight = weight,
            IsBackup = row["bck"] is not ("" or "0"),
            Sessions = row.Number("scur") ?? 0,
            Queue = row.Number("qcur") ?? 0,
            Total = row.Number("stot") ?? 0,
            ErrorRate = all > 0 ? (double)errors / all : null,
            ServerErrors = errors,
            ConnectionErrors = row.Number("econ") ?? 0,
            ResponseTime = all > 0 && row.Number("rtime") is { } response ? HAProxyTime.OfMilliseconds(response) : null,
            CheckStatus = check.Length > 0 ? check : null,
            CheckDuration = check.Length > 0 && row.Number("check_duration") is { } duration ? HAProxyTime.OfMilliseconds(duration) : null,
            LastChange = row.Number("lastchg") is { } seconds and < 10L * 365 * 86400 ? now - TimeSpan.FromSeconds(seconds) : null,
        };
    }

    /// <summary>Whether new clients reach it.</summary>
    public static bool Takes(HAProxyRow row) => (row.Status.StartsWith("UP", StringComparison.Ordinal) || row.Status == "no check") && (row.Number("uweight") ?? row.Number("weight")) is not 0;

    private static readonly string[] AnswerColumns = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other"];

    /// <summary>E.g. <c>UP</c>, <c>UP 1/3</c>, <c>DOWN 1/2</c>, <c>DRAIN (agent)</c>, <c>MAINT (via web/a1)</c>, <c>NOLB</c>, <c>no check</c> (Management Guide, section 9.1).</summary>
    private static BackendServerState StateOf(string status) =>
        status.StartsWith("MAINT", StringComparison.Ordinal) ? BackendServerState.Maintenance
        : status.StartsWith("DRAIN", StringComparison.Ordinal) || status.StartsWith("NOLB", StringComparison.Ordinal) ? BackendServerState.Drain
        : status is "UP" or "no check" ? BackendServerState.Up
        : status.Contains('/') && !status.Contains('(') ? BackendServerState.Checking
        : status.StartsWith("UP", StringComparison.Ordinal) ? BackendServerState.Up
        : BackendServerState.Down;

    private static string ReasonOf(HAProxyRow row, BackendServerState state, HAProxyServerState? details, int weight, string check)
    {
        string status = row.Status;
        string found = Found(row, check);
        string? via = status.IndexOf("(via ", StringComparison.Ordinal) is var at and >= 0 ? status[(at + 5)..].TrimEnd(')') : null;
        string agent = string.Join(": ", new[] { row["agent_desc"], row["last_agt"] }.Where(text => text.Length > 0));
        return state switch
        {
            _ when via is not null => $"follows {via}",
            BackendServerState.Maintenance when details?.Admin.HasFlag(HAProxyAdminState.UnresolvedMaintenance) == true || status.Contains("resolution", StringComparison.Ordinal) => "its name has no address",
            BackendServerState.Maintenance when details?.Admin.HasFlag(HAProxyAdminState.ConfiguredMaintenance) == true => "disabled in the configuration",
            BackendServerState.Maintenance => "taken out",
            BackendServerState.Drain when status.Contains("agent", StringComparison.Ordinal) => $"its agent asks for it{(agent.Length > 0 ? $" ({agent})" : "")}",
            BackendServerState.Drain when status.StartsWith("NOLB", StringComparison.Ordinal) => found.Length > 0 ? $"its check asks for no new clients ({found})" : "its check asks for no new clients",
            BackendServerState.Drain => "no new clients",
            BackendServerState.Down when status.Contains("agent", StringComparison.Ordinal) => $"its agent says so{(agent.Length > 0 ? $" ({agent})" : "")}",
            BackendServerState.Down when check.Contains("OK", StringComparison.Ordinal) || found.Length == 0 => "marked down until a check passes",
            BackendServerState.Down => found,
            // Put back a moment ago: fewer checks than the most have passed, and none has failed.
            BackendServerState.Checking when status.StartsWith("UP", StringComparison.Ordinal) && check.Contains("OK", StringComparison.Ordinal) => $"new, {Steps(status)} passed",
            BackendServerState.Checking when status.StartsWith("UP", StringComparison.Ordinal) => $"about to go down, {Steps(status)}: {found}",
            BackendServerState.Checking => $"about to come up, {Steps(status)}",
            _ when weight == 0 => "weight 0: no new clients",
            _ when status == "no check" => "not checked",
            _ => "",
        };
    }

    private static string Steps(string status)
    {
        string count = status[(status.LastIndexOf(' ') + 1)..];
        int slash = count.IndexOf('/');
        return slash > 0 ? Invariant($"{count[..slash]} of {count[(slash + 1)..]} checks") : count;
    }

    private static string Found(HAProxyRow row, string check)
    {
        string description = row["check_desc"], last = row["last_chk"], code = row["check_code"];
        string text = description.Length > 0 ? description : check;
        if (code.Length > 0 && check.EndsWith("STS", StringComparison.Ordinal)) text = $"{text} {code}";
        return last.Length > 0 && !text.Contains(last, StringComparison.OrdinalIgnoreCase) ? text.Length > 0 ? $"{text}: {last}" : last : text;
    }
}
