using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ProdOps.LoadBalancing.Rendering;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>
/// What ProdOps keeps on a balancer: <c>lock</c>, <c>revisions/NUMBER-HASH</c>, <c>current</c> with the revision in use, and, while files are changed, <c>former</c> with what was
/// there before. Each is made beside its place and renamed, so that a process that is killed leaves either all of it or nothing; <c>former</c> being there says that a publication has not ended.
/// </summary>
/// <param name="shell">The server.</param>
/// <param name="folder">The folder there.</param>
/// <param name="asRoot">Whether root's leave is needed.</param>
internal sealed class BalancerStore(IServerShell shell, string folder, bool asRoot)
{
    private const int LockLost = 76, ChangedMeanwhile = 77, MostRevisions = 50;

    // Whoever lost the lock must not go on: another one may be at work.
    private const string Begin = """
        PATH=$PATH:/usr/sbin:/sbin; umask 077; set -e
        store=$1 token=$2; shift 2
        [ "$(head -n 1 "$store/lock" 2>/dev/null)" = "$token" ] || exit 76
        # What was written must be on the disk before what says so is. Only that: all else that a busy server has not written yet would be waited for. Of coreutils 8.24 and later; an older one syncs everything.
        settle() { sync -- "$@" 2>/dev/null || sync; }
        put() { settle "$1"; mv -f -- "$1" "$2"; settle "${2%/*}"; }

        """;

    public string LockFile => $"{folder}/lock";

    /// <summary>Notes what is there now, so that it can be put back.</summary>
    /// <param name="token">The lock's token.</param>
    /// <param name="files">The files' paths, with what they hold; <see langword="null"/> for one that must not be there.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task BeginAsync(string token, IReadOnlyList<(string Path, string? Text)> files, CancellationToken cancellationToken) => RunAsync("""
        rm -rf "$store/former.new"; mkdir "$store/former.new"; i=0
        while [ $# -gt 0 ]; do
          now=-; [ -e "$1" ] && now=$(sha256sum <"$1" | cut -d ' ' -f 1)
          [ "$now" = "$2" ] || exit 77
          [ "$now" = - ] || cp -p -- "$1" "$store/former.new/$i"
          printf '%s\n' "$1" >>"$store/former.new/files"; i=$((i + 1)); shift 2
        done
        settle "$store"/former.new/* "$store/former.new"; mv "$store/former.new" "$store/former"; settle "$store"
        """, token, files.SelectMany(file => new[] { file.Path, file.Text is null ? "-" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Text))) }), "", cancellationToken);

    /// <summary>Puts files in their places, each in one step.</summary>
    public Task WriteAsync(string token, IReadOnlyList<RenderedFile> files, CancellationToken cancellationToken) => RunAsync("""
        for mode in "$@"; do
          IFS= read -r file; IFS= read -r text
          (umask 022; mkdir -p -- "${file%/*}"); new=$file.prodops-new
          printf %s "$text" | base64 -d >"$new"; chmod "$mode" "$new"; put "$new" "$file"
        done
        """, token, files.Select(Mode), Input(files), cancellationToken);

    /// <summary>Puts back what was there before; the note of it stays until <see cref="EndAsync"/>.</summary>
    public Task RestoreAsync(string token, CancellationToken cancellationToken) => RunAsync("""
        [ -d "$store/former" ] || exit 0
        i=0
        while IFS= read -r file; do
          if [ -e "$store/former/$i" ]; then cp -p -- "$store/former/$i" "$file.prodops-new"; put "$file.prodops-new" "$file"; else rm -f -- "$file"; settle "${file%/*}"; fi
          rm -f -- "$file.prodops-new"; i=$((i + 1))
        done <"$store/former/files"
        """, token, [], "", cancellationToken);

    /// <summary>Forgets what was there before.</summary>
    public Task EndAsync(string token, CancellationToken cancellationToken) => RunAsync("""rm -rf "$store/former.old"; if [ -d "$store/former" ]; then mv "$store/former" "$store/former.old"; settle "$store"; fi; rm -rf "$store/former.old" """, token, [], "", cancellationToken);

    /// <summary>Keeps files as a revision; the oldest beyond the limit go.</summary>
    /// <param name="token">The lock's token.</param>
    /// <param name="manifest">What it is.</param>
    /// <param name="files">The files, in the manifest's order.</param>
    /// <param name="isCurrent">True for the one that is in use.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task KeepAsync(string token, RevisionManifest manifest, IReadOnlyList<RenderedFile> files, bool isCurrent, CancellationToken cancellationToken) => RunAsync("""
        id=$1 current=$2 most=$3; shift 3
        new=$store/revisions/.new; rm -rf "$new"; mkdir -p "$new"
        IFS= read -r text; printf %s "$text" | base64 -d >"$new/manifest.json"
        i=0
        for mode in "$@"; do
          IFS= read -r file; IFS= read -r text
          printf %s "$text" | base64 -d >"$new/$i"; chmod "$mode" "$new/$i"; i=$((i + 1))
        done
        settle "$new"/* "$new"; rm -rf "$store/revisions/$id"; mv "$new" "$store/revisions/$id"; settle "$store/revisions"
        if [ "$current" = yes ]; then printf '%s\n' "$id" >"$store/current.new"; put "$store/current.new" "$store/current"; fi
        ls "$store/revisions" | sort -n | head -n "-$most" | while IFS= read -r old; do [ "$old" = "$(cat "$store/current")" ] || rm -rf "$store/revisions/$old"; done
        """, token, [manifest.Id, isCurrent ? "yes" : "no", MostRevisions.ToString(CultureInfo.InvariantCulture), .. files.Select(Mode)],
        Convert.ToBase64String(Encoding.UTF8.GetBytes(manifest.ToJson())) + "\n" + Input(files), cancellationToken);

    /// <summary>The revisions, the newest first, with their files.</summary>
    public async Task<IReadOnlyList<(RevisionManifest Manifest, bool IsCurrent, IReadOnlyList<RenderedFile> Files)>> ReadRevisionsAsync(bool withFiles, CancellationToken cancellationToken)
    {
        const string script = """
            store=$1 files=$2
            echo "current=$(cat "$store/current" 2>/dev/null)"
            for d in "$store"/revisions/*/; do
              [ -f "$d/manifest.json" ] || continue
              echo "manifest=$(base64 <"$d/manifest.json" | tr -d '\n')"
              if [ "$files" = yes ]; then i=0; while [ -f "$d/$i" ]; do echo "text=$(base64 <"$d/$i" | tr -d '\n')"; i=$((i + 1)); done; fi
            done
            """;
        var command = new ServerCommand($"set -- {ShellQuote.Words(folder, withFiles ? "yes" : "no")}\n{script}") { AsRoot = asRoot, Idempotent = true, PosixLocale = true };
        var output = (await shell.RunAsync(command, cancellationToken).ConfigureAwait(false)).EnsureSuccess();
        string current = "";
        var revisions = new List<(RevisionManifest Manifest, List<RenderedFile> Files)>();
        foreach (string line in output.Lines)
        {
            if (line.StartsWith("current=", StringComparison.Ordinal)) current = line["current=".Length..].Trim();
            else if (line.StartsWith("manifest=", StringComparison.Ordinal) && RevisionManifest.TryParse(Decode(line["manifest=".Length..])) is { } manifest) revisions.Add((manifest, []));
            else if (line.StartsWith("text=", StringComparison.Ordinal) && revisions is [.., var last] && last.Files.Count < last.Manifest.Files.Count)
                last.Files.Add(new RenderedFile(last.Manifest.Files[last.Files.Count].Path, Decode(line["text=".Length..]), last.Manifest.Files[last.Files.Count].Mode == "755"));
        }

        return [.. revisions.OrderByDescending(revision => NumberOf(revision.Manifest.Id)).Select(revision => (revision.Manifest, revision.Manifest.Id == current, (IReadOnlyList<RenderedFile>)revision.Files))];
    }

    /// <summary>A file's permissions.</summary>
    public static string Mode(RenderedFile file) => file.IsExecutable ? "755" : "644";

    private static int NumberOf(string id) => int.TryParse(id.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    private static string Input(IReadOnlyList<RenderedFile> files) => string.Concat(files.Select(file => $"{file.Path}\n{Convert.ToBase64String(Encoding.UTF8.GetBytes(file.Text))}\n"));

    private static string Decode(string value)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(value));
        }
        catch (FormatException)
        {
            return "";
        }
    }

    private async Task RunAsync(string script, string token, IEnumerable<string> arguments, string input, CancellationToken cancellationToken)
    {
        var command = new ServerCommand($"set -- {ShellQuote.Words([folder, token, .. arguments])}\n{Begin}{script}") { AsRoot = asRoot, PosixLocale = true };
        var output = await shell.RunAsync(command, new CommandRunOptions { Input = Encoding.UTF8.GetBytes(input) }, cancellationToken).ConfigureAwait(false);
        if (output.Exit.Code == LockLost) throw LoadBalancingErrors.PublishLockLost(shell.Name);
        if (output.Exit.Code == ChangedMeanwhile) throw LoadBalancingErrors.PublishChangedMeanwhile(shell.Name);
        output.EnsureSuccess();
    }
}
