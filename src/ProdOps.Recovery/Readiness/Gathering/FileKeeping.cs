using System.Globalization;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Asks git whether it has a file as it is. Nothing in the repository is run or written: no file system monitor, no hooks, no locks.</summary>
internal static class FileKeeping
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private const string Script = """
        command -v git >/dev/null 2>&1 || { echo none; exit 0; }
        cd -- "$(dirname -- "$1")" || exit 1
        aloud() { GIT_OPTIONAL_LOCKS=0 LC_ALL=C git -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"; }
        ask() { aloud "$@" 2>/dev/null; }
        # 1 is that the file is not one of the repository's, 128 whatever else is the matter.
        said=$(aloud ls-files --error-unmatch -- "$1" 2>&1 >/dev/null) || {
            case $? in 1) said=untracked ;; esac
            case $said in untracked) echo untracked ;; *'not a git repository'*) echo outside ;; *'dubious ownership'*) echo foreign ;; *) printf 'refused %s\n' "$said" | sed -n 1p ;; esac
            exit 0
        }
        ask log -1 --format='revision %h %ct' -- "$1"
        ask diff-index --quiet HEAD -- "$1" || echo changed
        [ -z "$(ask remote)" ] || echo remote
        """;

    /// <exception cref="ProdOpsException">It cannot be asked.</exception>
    public static async Task<FileKeepingFact> LookAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var output = await new LocalShell("localhost").RunAsync(new ServerCommand($"set -- {ShellQuote.Word(path)}\n{Script}"), limit.Token).ConfigureAwait(false);
        return Parse(output.Text);
    }

    internal static FileKeepingFact Parse(string text)
    {
        string revision = "", problem = "git does not have it";
        DateTimeOffset? time = null;
        bool remote = false;
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            switch (words)
            {
                case ["none"]: problem = "it is in no revision control that is known here: there is no git"; break;
                case ["outside"]: problem = "it is in no revision control"; break;
                case ["foreign"]: problem = "it lies in a repository of git that belongs to another user, which git does not look into ('git config --global --add safe.directory' and the folder allow it)"; break;
                case ["refused", ..] when line.Length > "refused ".Length: problem = $"git does not say whether it has it: {ServersErrors.Shorten(line["refused ".Length..])}"; break;
                case ["untracked"]: problem = "it lies in a repository of git, and is not part of it"; break;
                case ["changed"]: problem = "it was changed and not committed"; break;
                case ["remote"]: remote = true; break;
                case ["revision", var id, var seconds] when id.All(char.IsAsciiLetterOrDigit) && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out long since) && since < 253_402_300_000:
                    (revision, time, problem) = (id, DateTimeOffset.FromUnixTimeSeconds(since), "");
                    break;
            }
        }

        return new FileKeepingFact(revision, time, problem, remote);
    }
}
