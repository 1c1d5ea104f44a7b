using System.Globalization;
using System.Text;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>Folders are there, with their owner and mode.</summary>
internal sealed class DirectoryWork(StepContext context) : StepWork(context)
{
    private const string Compare = """
        report() { printf '%s\n' "$1 $2"; }
        folder() { # index path mode owner group
            [ -d "$2" ] || { if [ -e "$2" ] || [ -h "$2" ]; then report "$1" kind; else report "$1" missing; fi; return; }
            [ -z "$3" ] || [ "$(stat -L -c %a -- "$2")" = "$3" ] || report "$1" mode
            [ -z "$4" ] || [ "$(stat -L -c %U -- "$2")" = "$4" ] || report "$1" owner
            [ -z "$5" ] || [ "$(stat -L -c %G -- "$2")" = "$5" ] || report "$1" group
        }

        """;

    private const string Make = """
        umask 022
        folder() { # path mode owner group
            [ -d "$1" ] || { mkdir -p -- "$1" && [ -n "$2" ] || chmod 0755 -- "$1"; } || exit
            [ -z "$3" ] || chown -- "$3" "$1" || exit
            [ -z "$4" ] || chgrp -- "$4" "$1" || exit
            [ -z "$2" ] || chmod -- "$2" "$1" || exit
        }

        """;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var script = new StringBuilder(Compare);
        for (int i = 0; i < Step.Directories.Count; i++)
        {
            var folder = Step.Directories[i];
            FileWork.Add(script, "folder", [i.ToString(CultureInfo.InvariantCulture), folder.Path, FileWork.Bits(folder.Mode), folder.Owner ?? "", folder.Group ?? ""]);
        }

        return Differences.Read((await Context.ScriptAsync(script.Append("echo end\n").ToString(), cancellationToken).ConfigureAwait(false)).Lines, Step.Directories.Count, (index, what) =>
        {
            var folder = Step.Directories[index];
            return $"{folder.Path}: " + what switch { "missing" => "made", "kind" => "something else than a folder is there", "mode" => $"mode {folder.Mode}", "owner" => $"owner {folder.Owner}", _ => $"group {folder.Group}" };
        });
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var script = new StringBuilder(Make);
        foreach (var folder in Step.Directories) FileWork.Add(script, "folder", [folder.Path, folder.Mode ?? "", folder.Owner ?? "", folder.Group ?? ""]);
        await Context.ScriptAsync(script.ToString(), cancellationToken).ConfigureAwait(false);
        return "";
    }
}
