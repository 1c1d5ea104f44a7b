using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Inventory.Probing;

/// <summary>Asks for services and reads the answer: systemd's where it runs, else that of the scripts in <c>/etc/init.d</c>.</summary>
internal static class ServiceStates
{
    /// <summary>One command for all; it prints a line for each: the state, a space, the service.</summary>
    public static ServerCommand Command(IReadOnlyList<string> services) => new($"set -- {ShellQuote.Words(services)}\n{OfArguments}") { Idempotent = true };

    /// <summary>The same for the services that are the shell's arguments.</summary>
    public const string OfArguments = """
        LC_ALL=C; export LC_ALL
        for service in "$@"; do
          state=unknown
          if [ -d /run/systemd/system ]; then
            load=$(systemctl show -p LoadState -- "$service" 2>/dev/null) || load=
            active=$(systemctl show -p ActiveState -- "$service" 2>/dev/null) || active=
            case "$load:$active" in
              *LoadState=not-found:*) state=missing ;;
              *:*ActiveState=active|*:*ActiveState=reloading) state=running ;;
              *:*ActiveState=*) state=stopped ;;
            esac
          elif [ -x "/etc/init.d/$service" ]; then
            if "/etc/init.d/$service" status >/dev/null 2>&1; then state=running; else state=stopped; fi
          fi
          printf '%s %s\n' "$state" "$service"
        done
        """;

    /// <summary>The state of each service; unknown where the answer has none.</summary>
    public static IEnumerable<(string Service, ServiceState State)> Parse(IReadOnlyList<string> services, string text)
    {
        var states = new Dictionary<string, ServiceState>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.IndexOf(' ');
            if (space > 0) states[line[(space + 1)..].TrimEnd('\r')] = StateOf(line[..space]);
        }

        return services.Select(service => (service, states.GetValueOrDefault(service, ServiceState.Unknown)));
    }

    private static ServiceState StateOf(string word) => word switch
    {
        "running" => ServiceState.Running,
        "stopped" => ServiceState.Stopped,
        "missing" => ServiceState.Missing,
        _ => ServiceState.Unknown,
    };
}

/// <summary>How a service is.</summary>
internal enum ServiceState
{
    Unknown,
    Running,
    Stopped,
    Missing,
}
