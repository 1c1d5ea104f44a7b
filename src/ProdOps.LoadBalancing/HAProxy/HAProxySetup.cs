using System.Globalization;
using ProdOps.LoadBalancing.HAProxy.Configuration;
using ProdOps.Servers.Commands;
using ProdOps.Servers.HAProxy;

namespace ProdOps.LoadBalancing.HAProxy;

/// <summary>How HAProxy is set up on a server: its process, the configuration that this uses, and where its sockets are.</summary>
internal sealed record HAProxySetup
{
    private const int MostArguments = 1000;

    /// <summary>The process that began the others; <see langword="null"/> if none runs.</summary>
    public int? Pid { get; private init; }

    /// <summary>The configuration's files in the order that HAProxy reads them.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>Files that this user may not read.</summary>
    public IReadOnlyList<string> Unreadable { get; private init; } = [];

    /// <summary>The configuration; an empty one where none can be read.</summary>
    public HAProxyConfiguration Configuration { get; private init; } = HAProxyConfiguration.Parse([]);

    /// <summary>The master's socket; <see langword="null"/> where the process has none.</summary>
    public string? MasterSocket { get; private init; }

    /// <summary>The command that tells it. It changes nothing.</summary>
    /// <param name="configuration">The configuration's full path; <see langword="null"/> for the one that the running process uses, else where it usually is.</param>
    public static ServerCommand Command(string? configuration) => new(Script.Replace("{given}", ShellQuote.Word(configuration ?? ""), StringComparison.Ordinal)) { Idempotent = true, PosixLocale = true };

    /// <summary>Reads what the command printed.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="configuration">The configuration's full path as it was given to the command.</param>
    /// <param name="socket">The admin socket, where it is known: of several processes the one that has it is meant.</param>
    public static HAProxySetup Parse(IEnumerable<string> lines, string? configuration, string? socket)
    {
        var processes = new List<Process>();
        int unit = 0;
        List<string>? text = null;
        foreach (string line in lines)
        {
            if (line.StartsWith(' '))
            {
                text?.Add(line[1..]);
                continue;
            }

            int space = line.IndexOf(' ');
            string key = space < 0 ? line : line[..space], value = space < 0 ? "" : line[(space + 1)..];
            switch (key)
            {
                case "@unit":
                    unit = Number(value);
                    break;
                case "@process":
                    processes.Add(new Process(Number(value)));
                    break;
                case "@arg" when processes is [.., { Arguments.Count: < MostArguments } last]:
                    last.Arguments.Add(value);
                    break;
                case "@file" when processes is [.., var last]:
                    last.Files.Add((value, text = []));
                    break;
                case "@unreadable" when processes is [.., var last]:
                    last.Unreadable.Add(value);
                    break;
            }
        }

        // What was named counts; else the one that the system's own unit runs; else the first.
        var setups = processes.Select(process => (process.Pid, Setup: process.Read())).ToList();
        var running = setups.Where(item => item.Pid > 0).ToList();
        if (configuration is not null) running.RemoveAll(item => !item.Setup.Files.Contains(configuration) && !item.Setup.Unreadable.Contains(configuration));
        if (socket is not null && running.Exists(item => item.Setup.Configuration.AdminSockets.Contains(socket))) running.RemoveAll(item => !item.Setup.Configuration.AdminSockets.Contains(socket));
        if (running.Count > 0) return (running.Find(item => item.Pid == unit) is { Setup: { } ofUnit } ? ofUnit : running[0].Setup);
        return setups.Find(item => item.Pid == 0).Setup ?? new HAProxySetup();

        static int Number(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    /// <summary>The sockets to ask on, of which the first that is there will do.</summary>
    /// <param name="socket">The one that is known; <see langword="null"/> for what the configuration says, else for where they usually are.</param>
    public IReadOnlyList<string> AdminSockets(string? socket) => socket is not null ? [socket] : Configuration.AdminSockets is { Count: > 0 } configured ? configured : HAProxySocket.Usual;

    private sealed class Process(int pid)
    {
        public int Pid => pid;

        public List<string> Arguments { get; } = [];

        public List<(string Path, List<string> Lines)> Files { get; } = [];

        public List<string> Unreadable { get; } = [];

        public HAProxySetup Read()
        {
            int master = Arguments.IndexOf("-S");
            return new HAProxySetup
            {
                Pid = pid > 0 ? pid : null,
                Files = [.. Files.Select(file => file.Path)],
                Unreadable = Unreadable,
                Configuration = HAProxyConfiguration.Parse(Files.Select(file => (file.Path, string.Join('\n', file.Lines)))),
                MasterSocket = master >= 0 && master + 1 < Arguments.Count ? HAProxyAddress.Reachable(Arguments[master + 1]) : null,
            };
        }
    }

    // A process of the name whose parent is none began the others (or is the only one). Its arguments say which files it reads: '-f FILE', also a folder, and all behind '--'.
    private const string Script = """
        show() {
          if [ -d "$1" ]; then for x in "$1"/*.cfg; do [ -f "$x" ] && show "$x"; done
          elif [ -r "$1" ]; then printf '@file %s\n' "$1"; head -c 4194304 "$1" | sed 's/^/ /'; echo
          elif [ -e "$1" ] || { [ -d "${1%/*}" ] && [ ! -x "${1%/*}" ]; }; then printf '@unreadable %s\n' "$1"; fi
        }
        given={given}
        echo "@unit $(systemctl show -p MainPID --value haproxy.service 2>/dev/null)"
        n=0
        for d in /proc/[0-9]*; do
          c=; { read -r c <"$d/comm"; } 2>/dev/null
          [ "$c" = haproxy ] || continue
          p=$(sed -n 's/^PPid:[^0-9]*//p' "$d/status" 2>/dev/null); c=
          { read -r c <"/proc/$p/comm"; } 2>/dev/null
          [ "$c" = haproxy ] && continue
          n=$((n + 1)); [ "$n" -le 16 ] || break
          echo "@process ${d#/proc/}"
          tr '\n\000' ' \n' 2>/dev/null <"$d/cmdline" | { f=; r=; while IFS= read -r a; do
            printf '@arg %s\n' "$a"
            if [ "$f" = -f ] || [ -n "$r" ]; then case $a in /*) show "$a";; *) show "$(readlink "$d/cwd")/$a";; esac; fi
            [ "$a" = -- ] && r=1
            f=$a
          done; }
        done
        echo '@process 0'
        show "${given:-/etc/haproxy/haproxy.cfg}"
        """;
}
