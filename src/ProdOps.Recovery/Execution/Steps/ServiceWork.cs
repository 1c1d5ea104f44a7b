using System.Globalization;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>Units of systemd run, or not, and start with the system, or not. Whether one must be restarted follows from its own start and the files, not from what this run did: so nothing is forgotten.</summary>
internal sealed class ServiceWork(StepContext context) : StepWork(context)
{
    private const string Compare = """
        up=$(cut -d' ' -f1 /proc/uptime); now=$(date +%s.%N)
        since() { # unit: when it was started, as seconds since 1970; its monotonic time is exact, the other has whole seconds only
            m=$(systemctl show -p ActiveEnterTimestampMonotonic -- "$1" | cut -d= -f2)
            awk "BEGIN { printf \"%.3f\", $now - $up + ${m:-0} / 1000000 }"
        }
        unit() { # index unit state enabled paths…
            i=$1 u=$2 s=$3 e=$4; shift 4
            a=$(systemctl is-active -- "$u" 2>/dev/null)
            case $s$a in Runningactive|Stoppedinactive|Stoppedfailed|Stoppedunknown) ;; Running*) echo "$i start" ;; *) echo "$i stop" ;; esac
            n=$(systemctl is-enabled -- "$u" 2>/dev/null)
            case $e$n in yesenabled|yesstatic|yesgenerated|yesalias|yesindirect|nodisabled|nostatic|nomasked|'') ;; yes*) echo "$i enable" ;; no*) echo "$i disable" ;; esac
            if [ "$s$a" = Runningactive ] && [ $# -gt 0 ]; then
                t=$(since "$u"); [ -z "$(find "$@" -newerct "@$t" -print 2>/dev/null | head -n 1)" ] || echo "$i restart"
            fi
        }

        """;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var script = new StringBuilder(Compare);
        for (int i = 0; i < Step.Services.Count; i++)
            FileWork.Add(script, "unit", [i.ToString(CultureInfo.InvariantCulture), Step.Services[i], Step.State.ToString(), Step.Enabled switch { true => "yes", false => "no", null => "" }, .. Step.RestartAfter]);
        return Differences.Read((await Context.ScriptAsync(script.Append("echo end\n").ToString(), cancellationToken).ConfigureAwait(false)).Lines, Step.Services.Count, (index, what) => $"{Step.Services[index]}: {what}");
    }

    public override Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var script = new StringBuilder("systemctl daemon-reload || exit\n");
        foreach (string line in missing)
        {
            int colon = line.LastIndexOf(": ", StringComparison.Ordinal);
            script.Append("systemctl ").Append(line[(colon + 2)..]).Append(" -- ").Append(ShellQuote.Word(line[..colon])).Append(" || exit\n");
        }

        return ActAsync(script.ToString(), cancellationToken);
    }

    private async Task<string> ActAsync(string script, CancellationToken cancellationToken) => (await Context.ScriptAsync(script, cancellationToken).ConfigureAwait(false)).Text;
}
