using System.Text;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>Has a balancer's own programs check files in a scratch folder, before anything is changed.</summary>
internal static class ConfigurationCheck
{
    private const int NotIncluded = 78;

    private const string Script = """
        PATH=$PATH:/usr/sbin:/sbin; umask 077
        kind=$1; shift
        d=$(mktemp -d) || exit 1
        trap 'rm -rf "$d"' EXIT
        i=0
        for target do IFS= read -r text; printf %s "$text" | base64 -d >"$d/$i" || exit 1; chmod 700 "$d/$i"; i=$((i + 1)); done
        if [ "$kind" = HAProxy ]; then haproxy -c -f "$d/0" >"$d/said" 2>&1; code=$?
        else
          folder=${1%/*}; mkdir "$d/parts"
          grep -qF "$folder/*.conf" /etc/nginx/nginx.conf || exit 78
          for part in "$folder"/*.conf; do [ "$part" = "$1" ] || [ ! -f "$part" ] || cp -- "$part" "$d/parts/"; done
          cp "$d/0" "$d/parts/${1##*/}"
          sed "s|$folder/\*\.conf|$d/parts/*.conf|" /etc/nginx/nginx.conf >"$d/main.conf"
          nginx -t -c "$d/main.conf" >"$d/said" 2>&1; code=$?
        fi
        if [ $code = 0 ] && [ $# = 3 ]; then
          sed "s|$3|$d/2|" "$d/1" >"$d/keepalived.conf"
          keepalived -t -f "$d/keepalived.conf" >>"$d/said" 2>&1; code=$?
          # It ends with 0 for what it only passes over.
          grep -qiE 'unknown keyword|invalid|unable to' "$d/said" && code=1
        fi
        sed "s|$d/0|$1|g; s|$d/parts/|$folder/|g; s|$d/keepalived.conf|$2|g; s|$d/[12]|$3|g" "$d/said"
        exit $code
        """;

    /// <returns>What they warn of.</returns>
    /// <exception cref="ProdOpsException">They refuse the files.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(IServerShell shell, LoadBalancerKind kind, IReadOnlyList<RenderedFile> files, bool asRoot, CancellationToken cancellationToken)
    {
        var command = new ServerCommand($"set -- {ShellQuote.Words([kind.ToString(), .. files.Select(file => file.Path)])}\n{Script}") { AsRoot = asRoot, Idempotent = true, PosixLocale = true };
        string input = string.Concat(files.Select(file => Convert.ToBase64String(Encoding.UTF8.GetBytes(file.Text)) + "\n"));
        var output = await shell.RunAsync(command, new CommandRunOptions { Input = Encoding.UTF8.GetBytes(input) }, cancellationToken).ConfigureAwait(false);
        if (output.Exit.Code == NotIncluded) throw LoadBalancingErrors.NginxNotIncluded(shell.Name, files[0].Path);
        if (!output.Exit.Succeeded) throw LoadBalancingErrors.ConfigurationRefused(shell.Name, kind, string.Join('\n', output.Lines.Where(IsComplaint).Take(10)) is { Length: > 0 } said ? said : output.Text + output.ErrorText);
        return [.. output.Lines.Where(line => line.Contains("[WARNING]", StringComparison.Ordinal) || line.Contains("[warn]", StringComparison.Ordinal))
            // The states of servers are there from the first publication on.
            .Where(line => !line.Contains("global server state file", StringComparison.Ordinal)).Select(Plain)];
    }

    private static bool IsComplaint(string line) => line.Contains("ALERT", StringComparison.Ordinal) || line.Contains("[emerg]", StringComparison.Ordinal) || line.Contains("nknown", StringComparison.Ordinal)
        || line.Contains("nvalid", StringComparison.Ordinal) || line.Contains("nable", StringComparison.Ordinal);

    private static string Plain(string line) => line[(line.IndexOf("] ", StringComparison.Ordinal) is var end && end > 0 ? end + 1 : 0)..].Trim();
}
