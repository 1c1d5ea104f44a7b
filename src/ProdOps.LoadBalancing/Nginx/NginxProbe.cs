using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Nginx;

/// <summary>Asks a server for its nginx: processes, connections, and what its page of stub_status says.</summary>
internal static class NginxProbe
{
    private const string Script = """
        file=$1
        command -v nginx >/dev/null || { echo @none; echo @end; exit 0; }
        echo "@version $(nginx -v 2>&1 | tail -n 1)"
        echo "@master $(master)"
        echo @processes
        ps -C nginx -o pid=,ppid=,etimes=,args=
        echo @connections
        ss -tnpH state established 2>/dev/null | grep '"nginx"'
        if [ -n "$file" ]; then echo "@file $(stat -L -c %Y -- "$file" 2>/dev/null) $(date +%s) $(readlink -f /etc/nginx/nginx.conf) $(readlink -f -- "$file")"; fi
        echo @end
        """;

    /// <summary>The command. Only root sees whose connections are which.</summary>
    /// <param name="file">The file with the pools; <see langword="null"/> for the whole configuration.</param>
    public static ServerCommand Command(string? file) => new($"set -- {ShellQuote.Word(file ?? "")}\n{NginxScripts.Functions}{Script}") { AsRoot = true, Idempotent = true, PosixLocale = true };

    /// <summary>Reads the answer.</summary>
    /// <exception cref="ProdOpsException">It is none.</exception>
    public static NginxState Parse(string server, string text)
    {
        var state = new NginxState();
        var processes = new List<(int Id, int Parent, long Age, string Title)>();
        var connections = new List<(string Peer, string Local)>();
        string section = "";
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.TrimEnd();
            if (line.StartsWith('@'))
            {
                section = line.Split(' ')[0];
                if (section == "@version") state = state with { Version = line.Contains("nginx/", StringComparison.Ordinal) ? line[(line.IndexOf("nginx/", StringComparison.Ordinal) + 6)..].Split(' ')[0] : "" };
                else if (section == "@master" && int.TryParse(line.AsSpan("@master".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int own)) state = state with { Master = own };
                else if (section == "@file") state = WithFile(state, line.Split(' ', 5));
                continue;
            }

            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (section == "@processes" && words.Length > 3 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id) && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parent)
                && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long age)) processes.Add((id, parent, age, string.Join(' ', words.Skip(3))));
            else if (section == "@connections" && words.Length > 3) connections.Add((Plain(words[3]), Plain(words[2])));
        }

        if (section != "@end") throw LoadBalancingErrors.NginxAnswerNotUnderstood(server);
        int? master = state.Master;
        var workers = processes.Where(process => process.Parent == master && process.Title.StartsWith("nginx: worker", StringComparison.Ordinal)).ToList();
        bool IsLeaving(string title) => title.Contains("shutting down", StringComparison.Ordinal);
        return state with
        {
            Uptime = processes.Where(process => process.Id == master).Select(process => (TimeSpan?)TimeSpan.FromSeconds(Math.Min(process.Age, int.MaxValue))).FirstOrDefault(),
            Workers = [.. workers.Where(worker => !IsLeaving(worker.Title)).Select(worker => worker.Id)],
            Leaving = [.. workers.Where(worker => IsLeaving(worker.Title)).Select(worker => worker.Id)],
            YoungestWorker = workers.Where(worker => !IsLeaving(worker.Title)).Select(worker => (TimeSpan?)TimeSpan.FromSeconds(Math.Min(worker.Age, int.MaxValue))).Min(),
            Connections = connections,
        };
    }

    private static NginxState WithFile(NginxState state, string[] words) =>
        words.Length == 5 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long changed) && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long now)
            ? state with { FileAge = TimeSpan.FromSeconds(Math.Clamp(now - changed, 0, int.MaxValue)), IsMainFile = words[3] == words[4] }
            : state;

    /// <summary>An address of <c>ss</c>: of IPv4 over IPv6 the IPv4 part.</summary>
    private static string Plain(string address) => address.StartsWith("[::ffff:", StringComparison.Ordinal) ? address["[::ffff:".Length..].Replace("]", "", StringComparison.Ordinal) : address;
}

/// <summary>An nginx as it is now.</summary>
internal sealed record NginxState
{
    /// <summary>Its version; <see langword="null"/> where it is not installed.</summary>
    public string? Version { get; init; }

    /// <summary>Its first process; <see langword="null"/> if it does not run.</summary>
    public int? Master { get; init; }

    public TimeSpan? Uptime { get; init; }

    /// <summary>Processes that take requests.</summary>
    public IReadOnlyList<int> Workers { get; init; } = [];

    /// <summary>Processes that finish what they have.</summary>
    public IReadOnlyList<int> Leaving { get; init; } = [];

    /// <summary>How long ago it last took up a configuration.</summary>
    public TimeSpan? YoungestWorker { get; init; }

    /// <summary>How long ago the file with the pools was changed; <see langword="null"/> if it is not there.</summary>
    public TimeSpan? FileAge { get; init; }

    /// <summary>True if the file is nginx' main one.</summary>
    public bool IsMainFile { get; init; }

    /// <summary>Its connections: the other side's address, and its own.</summary>
    public IReadOnlyList<(string Peer, string Local)> Connections { get; init; } = [];

    /// <summary>True if the file was changed after nginx had last read it. Times are of whole seconds.</summary>
    public bool IsFileNewer => FileAge is { } file && YoungestWorker is { } worker && file + TimeSpan.FromSeconds(1) < worker;

    /// <summary>How many connections it has to a server.</summary>
    public int ConnectionsTo(string address) => Connections.Count(connection => connection.Peer == address);
}
