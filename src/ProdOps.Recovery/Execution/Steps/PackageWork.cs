using System.Globalization;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>The commands of package managers.</summary>
internal static class Packages
{
    public const string Refresh = "if command -v apt-get >/dev/null 2>&1; then apt-get -q -o DPkg::Lock::Timeout=300 update; elif command -v dnf >/dev/null 2>&1; then dnf -q makecache; else yum -q makecache; fi\n";

    /// <summary>Removes packages with their configuration, those of them that are there.</summary>
    public static string Purge(IEnumerable<string> packages)
    {
        string names = ShellQuote.Words(packages);
        return $$"""
            if command -v apt-get >/dev/null 2>&1; then
                export DEBIAN_FRONTEND=noninteractive
                there=; for p in {{names}}; do if dpkg-query -W "$p" >/dev/null 2>&1; then there="$there $p"; fi; done
                [ -z "$there" ] || apt-get -q -y -o DPkg::Lock::Timeout=300 purge $there
            elif command -v dnf >/dev/null 2>&1; then dnf -y remove {{names}}
            else yum -y remove {{names}}
            fi

            """;
    }

    /// <summary>Installs packages; where the index of packages is too old, or not there, after reading it anew.</summary>
    public static string Install(IEnumerable<string> packages)
    {
        string[] names = [.. packages];
        string apt = ShellQuote.Words(names), rpm = ShellQuote.Words(names.Select(static name => name.Replace('=', '-')));
        return $$"""
            if command -v apt-get >/dev/null 2>&1; then
                export DEBIAN_FRONTEND=noninteractive
                install() { apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install {{apt}}; }
                install || { apt-get -q -o DPkg::Lock::Timeout=300 update && install; }
            elif command -v dnf >/dev/null 2>&1; then dnf -y install {{rpm}}
            else yum -y install {{rpm}}
            fi

            """;
    }
}

/// <summary>Packages are installed. Files of configuration that are there are kept.</summary>
internal sealed class PackageWork(StepContext context) : StepWork(context)
{
    public override bool HasJob => true;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var script = new StringBuilder("""
            if command -v dpkg-query >/dev/null 2>&1; then
                have() { v=$(dpkg-query -W -f='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p' | head -n 1); }
            elif command -v rpm >/dev/null 2>&1; then
                have() { v=$(rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$1" 2>/dev/null) || v=; }
            else echo 'neither dpkg nor rpm is there' >&2; exit 1; fi
            package() { # index name version
                have "$2"; if [ -z "$v" ]; then echo "$1 missing"; elif [ -n "$3" ] && [ "$v" != "$3" ]; then echo "$1 $v"; fi
            }

            """);
        for (int i = 0; i < Step.Packages.Count; i++)
        {
            string[] parts = Step.Packages[i].Split('=', 2);
            FileWork.Add(script, "package", [i.ToString(CultureInfo.InvariantCulture), parts[0], parts.Length > 1 ? parts[1] : ""]);
        }

        return Differences.Read((await Context.ScriptAsync(script.Append("echo end\n").ToString(), cancellationToken).ConfigureAwait(false)).Lines, Step.Packages.Count,
            (index, what) => what == "missing" ? $"{Step.Packages[index]}: installed" : $"{Step.Packages[index]}: in the place of {what}");
    }

    public override Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken) => Context.JobAsync(
        Packages.Install(Step.Packages.Where(package => missing.Any(line => line.StartsWith(package + ":", StringComparison.Ordinal)))), new Dictionary<string, SecretReference>(), cancellationToken);
}
