using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Files.Syncing;

/// <summary>
/// The commands of a synchronisation. The source's rsync is a client that believes to log in elsewhere: what it is given as its remote shell
/// only reports what is to be run there, and then hands its two streams to the command's own standard input and output, which this machine
/// joins to those of <c>rsync --server</c> on the target. So neither server needs a way to the other, a key, or a port.
/// </summary>
internal static class RsyncScripts
{
    /// <summary>What stands for the target in the source's command line, and comes back from it.</summary>
    public const string Host = "prodops", Path = "target";

    /// <summary>What the lines about items begin with.</summary>
    public const string ItemMark = "prodops ";

    // rsync gives its remote shell pipes as standard input and output. The command's own are kept as 3 and 4. Whoever ends first ends the
    // others: each copier holds the ends that it copies between, and no other. rsync takes words in single quotes as they are.
    private const string Relay =
        "sh -c 'printf \"%s\\000\" \"$@\" >&4;printf \"\\000\" >&4;exec 5<&0 2>/dev/null;cat <&5 >&4 3<&- 4>&- 5<&- & exec cat <&3 3<&- 4>&- 5<&-' sh";

    /// <summary>What a server has: rsync's version, what is at the path, whether that is an empty folder, or the root by another name.</summary>
    public static ServerCommand Probe(string path, bool asRoot) => new($$"""
        {{Enter(path)}}
        if command -v rsync >/dev/null 2>&1; then rsync --version 2>/dev/null | sed -n '/version/{p;q;}'; else echo missing; fi
        if [ "$p" -ef / ] 2>/dev/null; then echo root
        elif [ -d "$p" ]; then if [ -z "$(ls -A "$p" 2>/dev/null)" ] && ls -A "$p" >/dev/null 2>&1; then echo empty; else echo folder; fi
        elif [ -f "$p" ]; then echo file
        elif [ -e "$p" ] || [ -h "$p" ]; then echo other
        else echo none; fi

        """) { AsRoot = asRoot, PosixLocale = true, Idempotent = true };

    /// <summary>The source's rsync. Its protocol goes over standard input and output, all that it says over standard error.</summary>
    public static ServerCommand Source(string path, bool isFolder, SyncRun run)
    {
        var options = run.Options;
        List<string> words =
        [
            $"-{run.Letters}{(run.NameAll ? "ii" : "")}", "--stats", "--no-human-readable", "--outbuf=L", $"--out-format={ItemMark}%i %l %b %n",
            Timeout(options), .. options.Delete ? ["--delete-delay"] : Array.Empty<string>(),
            .. run.BandwidthKibibytes is > 0 and var limit ? [string.Create(CultureInfo.InvariantCulture, $"--bwlimit={limit}")] : Array.Empty<string>(),
            // As a filter a pattern is one whatever it begins with.
            .. options.Exclude.Select(pattern => $"--filter=- {pattern}"), "-e", Relay, "--",
        ];
        return new ServerCommand($$"""
            {{Enter(path)}}
            exec 3<&0 4>&1
            unset RSYNC_PROTECT_ARGS RSYNC_OLD_ARGS RSYNC_ICONV RSYNC_PARTIAL_DIR
            exec rsync {{ShellQuote.Words(words)}} "$p"{{(isFolder ? "/" : "")}} {{Host}}:{{Path}} </dev/null >&2

            """) { AsRoot = options.AsRoot, PosixLocale = true };
    }

    /// <summary>The target's rsync.</summary>
    /// <param name="path">The path, which is never the source's to say.</param>
    /// <param name="isFolder">Whether it is one on the source.</param>
    /// <param name="run">The run.</param>
    /// <param name="arguments">What <see cref="RsyncServerArguments"/> let pass.</param>
    public static ServerCommand Target(string path, bool isFolder, SyncRun run, IReadOnlyList<string> arguments) => new($$"""
        {{Enter(path)}}
        {{(run.DryRun ? "" : "case $p in */*) b=${p%/*}; [ -z \"$b\" ] || mkdir -p \"$b\" || exit 11;; esac")}}
        exec rsync {{ShellQuote.Words(arguments)}} . "$p"{{(isFolder ? "/" : "")}}

        """) { AsRoot = run.Options.AsRoot, PosixLocale = true };

    public static string Timeout(SyncOptions options) => string.Create(CultureInfo.InvariantCulture, $"--timeout={Math.Max(1, (long)options.Silence.TotalSeconds)}");

    /// <summary>A relative path gets a dot before it: rsync would take what comes before a colon for a host.</summary>
    private static string Enter(string path) => $"p={ListScript.PathWord(path)}\ncase $p in /*) ;; *) p=./$p;; esac";
}
