using System.Globalization;
using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>
/// The commands by which a server takes a tree. First the archive is unpacked in a folder of its own on the destination's file system, then
/// what is in there is renamed into place. Until that second command nothing of the destination changes.
/// </summary>
internal static class SendScripts
{
    private const int MaxArguments = 48 * 1024;

    /// <summary>Where the work is done: in the destination if it is there, else in the folder above it.</summary>
    private const string EnterBase = EnterAbove + """
        if [ -d "$d" ]; then b=$d; fi

        """;

    private const string EnterAbove = """
        LC_ALL=C; export LC_ALL
        case $d in */*) b=${d%/*}; [ -n "$b" ] || b=/;; *) b=.;; esac

        """;

    /// <summary>Unpacks what comes in, prints the folder's name and the checksums, and leaves nothing behind if it fails.</summary>
    public static string Receive(CopyRequest request, string id, string sumTool) => $$"""
        d={{ListScript.PathWord(request.Destination)}}
        {{EnterBase}}mkdir -p "$b" && cd "$b" || exit 71
        for o in {{CopyNames.Staging}}*; do
          if [ -d "$o" ] && [ ! -h "$o" ] && ! kill -0 "${o##*.}" 2>/dev/null && [ -n "$(find "./$o" -maxdepth 0 -mmin +60 2>/dev/null)" ]; then rm -rf "./$o"; fi
        done
        umask 077
        s=./{{CopyNames.Staging}}{{id}}.$$
        mkdir "$s" || exit 72
        trap 'rm -rf "$s"' 0; trap 'exit 75' 1 2 15
        mkdir "$s/t" && tar -xp{{(request.Options.PreserveOwner ? "" : "o")}}f - {{(request.Content?.HasAttributes == true ? "--xattrs '--xattrs-include=*' " : "")}}-C "$s/t" || exit 73
        sync -f "$s" 2>/dev/null &
        printf 'staging=%s\0' "$s"
        (cd "$s/t" && {{SumCommand(sumTool)}})
        wait
        trap - 0

        """;

    /// <summary>Removes what a copy has left, if there is anything.</summary>
    public static string CleanUp(string destination, string id) => $$"""
        d={{ListScript.PathWord(destination)}}
        {{EnterAbove}}for c in "$b" "$d"; do (cd "$c" 2>/dev/null && rm -rf ./{{CopyNames.Staging}}{{id}}.*); done

        """;

    /// <summary>Renames everything into place. The shell reads all of it before it begins, so that one cut off does nothing.</summary>
    /// <param name="plan">What was planned.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="staging">The folder's name, as <see cref="Receive"/> printed it.</param>
    /// <param name="failed">Items that were not sent whole.</param>
    /// <param name="options">How to copy.</param>
    /// <param name="linksLast">The server's tar makes links when all else is unpacked, which changes their folders' times.</param>
    public static byte[] Commit(CopyPlan plan, string destination, string staging, IReadOnlyDictionary<string, string> failed, CopyOptions options, bool linksLast)
    {
        var text = new StringBuilder();
        text.Append("{\nd=").Append(ListScript.PathWord(destination)).Append('\n').Append(plan.Destination.IsFolder ? "b=$d\n" : EnterAbove)
            .Append("cd \"$b\" || exit 71\ns=").Append(ShellQuote.Word(staging)).Append("\ntrap 'rm -rf \"$s\"' 0\ne=0\n")
            .Append("t() { TZ=UTC0 touch -d \"$1.$2\" \"$3\" 2>/dev/null || TZ=UTC0 touch -d \"$1\" \"$3\" || e=1; }\n");
        var folders = plan.Steps.Where(step => step.IsSent && IsMadeLate(step.Item, plan, linksLast)).Select(step => step.Item.Parent);
        foreach (string folder in folders.Distinct()) AppendTime(text, plan.Source.Find(folder)!, $"\"$s\"/{ShellQuote.Word($"t/{folder}")}");
        if (!plan.Destination.IsFolder) AppendWhole(text, plan, failed);
        else AppendParts(text, plan, failed, options.PreserveOwner);
        return FileNames.Encode(text.Append("exit $e\n}\n").ToString());
    }

    /// <summary>GNU tar makes links that lead away after all else, too, and does not always put the time of a folder right that the archive has twice.</summary>
    private static bool IsMadeLate(TreeItem item, CopyPlan plan, bool linksLast) => item.Type == FileType.SymbolicLink
        ? linksLast || item.LinkTarget is ['/', ..] || item.LinkTarget?.Contains("..", StringComparison.Ordinal) == true
        : linksLast && plan.HardLinks.ContainsKey(item.Path);

    private static void AppendWhole(StringBuilder text, CopyPlan plan, IReadOnlyDictionary<string, string> failed)
    {
        foreach (string chunk in Chunks(failed.Keys.Select(path => $"$s/t/{path}"))) text.Append("rm -f ").Append(chunk).Append('\n');
        // Somebody else made it meanwhile: that is for a new plan to deal with.
        string test = plan.Destination.Root is null ? "if [ -e \"$d\" ] || [ -h \"$d\" ]; then exit 76; fi\n" : "rm -f \"$d\" || exit 74\n";
        text.Append("case $d in */*) d=./${d##*/};; esac\n").Append(test).Append("""
            if mv -T "$s/t" "$s/u" 2>/dev/null; then mv -T "$s/u" "$d" || exit 76
            else mv "$s/t" "$d" || exit 74; fi

            """);
    }

    private static void AppendParts(StringBuilder text, CopyPlan plan, IReadOnlyDictionary<string, string> failed, bool preserveOwner)
    {
        foreach (string chunk in Chunks(failed.Keys.Select(path => $"$s/t/{path}"))) text.Append("rm -f ").Append(chunk).Append('\n');
        // For an item that did not come nothing has to make way.
        var inTheWay = plan.Steps.Where(step => step.Existing is { } existing && existing.Type != step.Item.Type && !failed.ContainsKey(step.Item.Path)
            && (existing.Type == FileType.Directory || step.Item.Type == FileType.Directory)).Select(step => $"./{step.Item.Path}");
        foreach (string chunk in Chunks(inTheWay)) text.Append("rm -rf ").Append(chunk).Append(" || e=1\n");
        var moves = plan.Steps.Where(step => step.IsSent && !plan.IsNewFolder(step.Item.Parent) && !failed.ContainsKey(step.Item.Path));
        foreach (var folder in moves.GroupBy(step => step.Item.Parent))
        {
            string target = ShellQuote.Word(folder.Key.Length == 0 ? "./" : $"./{folder.Key}/");
            foreach (string chunk in Chunks(folder.Select(step => $"$s/t/{step.Item.Path}"))) text.Append("mv -f ").Append(chunk).Append(' ').Append(target).Append(" || e=1\n");
        }
        foreach (string chunk in Chunks(plan.Deletions(failed).Select(step => $"./{step.Item.Path}"))) text.Append("rm -rf ").Append(chunk).Append(" || e=1\n");
        AppendMetadata(text, plan, preserveOwner);
        text.Append("rm -rf \"$s\"\n");
        // The folder in which it was put together was in the destination itself.
        foreach (string folder in plan.TouchedFolders.Append("").Distinct().Reverse()) AppendTime(text, plan.Source.Find(folder)!, PathWord(folder));
    }

    private static void AppendMetadata(StringBuilder text, CopyPlan plan, bool preserveOwner)
    {
        var items = plan.Steps.Where(step => step.Action == ServerCopyAction.Metadata).Select(step => step.Item).ToList();
        if (preserveOwner)
        {
            foreach (var owner in items.GroupBy(item => (item.User, item.Group, item.UserId, item.GroupId)))
            {
                string numbers = string.Create(CultureInfo.InvariantCulture, $"{owner.Key.UserId}:{owner.Key.GroupId}");
                string names = owner.Key is { User.Length: > 0, Group.Length: > 0 } ? $"{owner.Key.User}:{owner.Key.Group}" : numbers;
                foreach (string chunk in Chunks(owner.Select(item => PathOf(item))))
                    text.Append("chown -h ").Append(ShellQuote.Word(names)).Append(' ').Append(chunk).Append(" 2>/dev/null || chown -h ").Append(numbers).Append(' ').Append(chunk).Append(" || e=1\n");
            }
        }
        // After the owner: a change of owner takes set-user-id away.
        foreach (var mode in items.GroupBy(item => item.Permissions))
        {
            foreach (string chunk in Chunks(mode.Select(item => PathOf(item)))) text.Append("chmod ").Append(Convert.ToString(mode.Key, 8)).Append(' ').Append(chunk).Append(" || e=1\n");
        }
    }

    private static void AppendTime(StringBuilder text, TreeItem item, string word)
    {
        var time = item.Modified.ToDateTimeOffset();
        text.Append(CultureInfo.InvariantCulture, $"t '{time:yyyy-MM-dd HH:mm:ss}' {item.Modified.Nanoseconds:D9} ").Append(word).Append('\n');
    }

    private static string PathWord(string path) => path.Length == 0 ? "." : ShellQuote.Word($"./{path}");

    private static string PathOf(TreeItem item) => item.Path.Length == 0 ? "." : $"./{item.Path}";

    private static string SumCommand(string tool) => tool == "none" ? ":" : $"find . -type f -exec {HashTool.ManyCommandFor(tool)} {{}} +";

    /// <summary>Words by the kilobyte. A leading <c>$s/</c> stays the shell's variable.</summary>
    private static IEnumerable<string> Chunks(IEnumerable<string> paths)
    {
        var chunk = new StringBuilder();
        foreach (string path in paths)
        {
            if (chunk.Length > 0) chunk.Append(' ');
            if (path.StartsWith("$s/", StringComparison.Ordinal)) chunk.Append("\"$s\"/").Append(ShellQuote.Word(path[3..]));
            else chunk.Append(ShellQuote.Word(path));
            if (chunk.Length < MaxArguments) continue;
            yield return chunk.ToString();
            chunk.Clear();
        }
        if (chunk.Length > 0) yield return chunk.ToString();
    }
}
