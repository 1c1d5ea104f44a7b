using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Recovery.Plans;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>Files have their content, owner and mode. What differs is written beside its place and renamed into it.</summary>
internal class FileWork(StepContext context) : StepWork(context)
{
    private const string Compare = """
        umask 077
        report() { printf '%s\n' "$1 $2"; }
        rights() { # index path mode owner group
            [ -z "$3" ] || [ "$(stat -c %a -- "$2")" = "$3" ] || report "$1" mode
            [ -z "$4" ] || [ "$(stat -c %U -- "$2")" = "$4" ] || report "$1" owner
            [ -z "$5" ] || [ "$(stat -c %G -- "$2")" = "$5" ] || report "$1" group
        }
        file() { # index path sha256 mode owner group
            if [ -h "$2" ] || { [ -e "$2" ] && [ ! -f "$2" ]; }; then report "$1" kind; return; fi
            [ -f "$2" ] || { report "$1" missing; return; }
            s=$(sha256sum <"$2") || exit
            [ "${s%% *}" = "$3" ] || report "$1" content
            rights "$1" "$2" "$4" "$5" "$6"
        }
        link() { # index path target
            [ -h "$2" ] && [ "$(readlink -- "$2")" = "$3" ] && return
            if [ -h "$2" ]; then report "$1" target; elif [ -e "$2" ]; then report "$1" kind; else report "$1" missing; fi
        }

        """;

    /// <summary>Keeps the rights of a file that is there where the plan says nothing of them. Folders on the way are for all to pass: <c>mkdir -p -m</c> gives the last one its mode alone.</summary>
    private const string Replace = """
        umask 077
        put() { # path mode owner group default; the content is on standard input
            if [ -d "$1" ] && [ ! -h "$1" ]; then echo "$1 is a folder" >&2; exit 1; fi
            (umask 022; mkdir -p -- "${1%/*}/") || exit
            t=$1.prodops-new; rm -f -- "$t"; base64 -d >"$t" || exit
            m=$2; [ -n "$m" ] || { [ -f "$1" ] && [ ! -h "$1" ] && m=$(stat -c %a -- "$1"); }
            o=$3; [ -n "$o" ] || { [ -f "$1" ] && [ ! -h "$1" ] && o=$(stat -c %u -- "$1"); }
            g=$4; [ -n "$g" ] || { [ -f "$1" ] && [ ! -h "$1" ] && g=$(stat -c %g -- "$1"); }
            [ -z "$o" ] || [ "$o" = "$(stat -c %u -- "$t")" ] || chown -- "$o" "$t" || exit
            [ -z "$g" ] || [ "$g" = "$(stat -c %g -- "$t")" ] || chgrp -- "$g" "$t" || exit
            chmod -- "${m:-$5}" "$t" && mv -f -- "$t" "$1" || exit
        }
        link() { # path target
            if [ -e "$1" ] && [ ! -h "$1" ]; then [ ! -d "$1" ] || { echo "$1 is a folder" >&2; exit 1; }; fi
            (umask 022; mkdir -p -- "${1%/*}/") || exit
            rm -f -- "$1.prodops-new"; ln -s -- "$2" "$1.prodops-new" && mv -f -T -- "$1.prodops-new" "$1" || exit
        }

        """;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        var script = new StringBuilder(Compare);
        for (int i = 0; i < Step.Files.Count; i++)
        {
            var file = Step.Files[i];
            if (file.Link is { } target) Add(script, "link", [i.ToString(CultureInfo.InvariantCulture), file.Path, target]);
            else Add(script, "file", [i.ToString(CultureInfo.InvariantCulture), file.Path, await HashAsync(file, cancellationToken).ConfigureAwait(false), Bits(file.Mode), file.Owner ?? "", file.Group ?? ""]);
        }

        return Differences.Read((await Context.ScriptAsync(script.Append("echo end\n").ToString(), cancellationToken).ConfigureAwait(false)).Lines, Step.Files.Count, (index, what) => Describe(Step.Files[index], what));
    }

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        var script = new StringBuilder(Replace);
        foreach (var file in Step.Files.Where(file => missing.Any(line => line.StartsWith(file.Path + ":", StringComparison.Ordinal))))
        {
            if (file.Link is { } target)
            {
                Add(script, "link", [file.Path, target]);
                continue;
            }

            script.Append("put ").Append(ShellQuote.Words(file.Path, Bits(file.Mode), file.Owner ?? "", file.Group ?? "", file.Secret is null ? "644" : "600")).Append(" <<'END OF FILE' || exit\n");
            script.Append(await WithContentAsync(file, static bytes => Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n"), cancellationToken).ConfigureAwait(false)).Append("\nEND OF FILE\n");
        }

        await Context.ScriptAsync(script.ToString(), cancellationToken).ConfigureAwait(false);
        return "";
    }

    /// <summary>Permissions as <c>stat</c> prints them.</summary>
    public static string Bits(string? mode) => mode is null ? "" : mode.TrimStart('0') is { Length: > 0 } bits ? bits : "0";

    public static void Add(StringBuilder script, string function, IEnumerable<string> words) => script.Append(function).Append(' ').Append(ShellQuote.Words(words)).Append('\n');

    private static string Describe(RecoveryFile file, string what) => $"{file.Path}: " + what switch
    {
        "missing" => file.Link is { } target ? $"made, a link to {target}" : "made",
        "content" => "content replaced",
        "kind" => "replaced: something else is there",
        "target" => $"points at {file.Link}",
        "mode" => $"mode {file.Mode}",
        "owner" => $"owner {file.Owner}",
        _ => $"group {file.Group}",
    };

    private Task<string> HashAsync(RecoveryFile file, CancellationToken cancellationToken) => WithContentAsync(file, static bytes => Convert.ToHexStringLower(SHA256.HashData(bytes)), cancellationToken);

    private async Task<string> WithContentAsync(RecoveryFile file, Func<byte[], string> use, CancellationToken cancellationToken)
    {
        if (file.Secret is not { } reference) return use(file.Source is null ? Encoding.UTF8.GetBytes(file.Content ?? "") : await File.ReadAllBytesAsync(PlanFiles.SourceOf(Context.Plan, file), cancellationToken).ConfigureAwait(false));
        using var secret = await Context.Access.SourceOf(reference).ResolveAsync(cancellationToken).ConfigureAwait(false);
        byte[] bytes = secret.Bytes.ToArray();
        try
        {
            return use(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}

/// <summary>Files that name package sources, and their keys; the index of packages is read anew when one changed.</summary>
internal sealed class RepositoryWork(StepContext context) : FileWork(context)
{
    public override bool HasJob => true;

    public override async Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        await base.ActAsync(missing, cancellationToken).ConfigureAwait(false);
        return await Context.JobAsync(Packages.Refresh, new Dictionary<string, SecretReference>(), cancellationToken).ConfigureAwait(false);
    }
}
