using System.Globalization;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Files;

/// <summary>
/// The commands by which a server takes a single file. The file grows under a name of its own beside the destination; whose process is
/// gone, its file is taken over, so that a copy goes on where one of the same source was cut.
/// </summary>
internal static class FileSendScripts
{
    private const string Enter = """
        LC_ALL=C; export LC_ALL
        case $d in */*) b=${d%/*}; [ -n "$b" ] || b=/;; *) b=.;; esac

        """;

    /// <summary>Says how much there is already, takes the rest, and prints the checksum if all is there.</summary>
    public static string Receive(string destination, string partial, long size, string sumTool) => string.Create(CultureInfo.InvariantCulture, $$"""
        d={{ListScript.PathWord(destination)}}
        {{Enter}}mkdir -p "$b" && cd "$b" || exit 71
        find . -maxdepth 1 -type f -name '{{CopyNames.Staging}}*' -mtime +7 -exec rm -f {} + 2>/dev/null
        umask 077
        f=./{{partial}}.$$
        for o in ./{{partial}}.*; do
          if [ -f "$o" ] && [ ! -h "$o" ] && [ -O "$o" ] && ! kill -0 "${o##*.}" 2>/dev/null && mv "$o" "$f" 2>/dev/null; then break; fi
        done
        # In a folder like /tmp anybody may have made a file of that name, or a link to one that is not theirs to write.
        if [ ! -f "$f" ] || [ -h "$f" ] || [ ! -O "$f" ]; then rm -f "$f" 2>/dev/null; (set -C; : > "$f") || exit 72; fi
        h=$(($(wc -c < "$f")))
        if [ "$h" -gt {{size}} ]; then : > "$f"; h=0; fi
        printf '%s %s\n' "$h" "$f"
        cat >> "$f" || exit 73
        [ $(($(wc -c < "$f"))) -eq {{size}} ] || exit 77
        sync "$f" 2>/dev/null &
        {{(sumTool == "none" ? ":" : HashTool.CommandFor(sumTool) + " < \"$f\"")}}
        wait

        """);

    /// <summary>
    /// Gives the complete file its metadata and its name. First it gets a name by which no other copy takes it over, though whoever received
    /// it is gone; if one already has, that is for the caller to deal with.
    /// </summary>
    public static string Commit(string destination, string file, TreeItem item, bool preserveOwner)
    {
        var time = item.Modified.ToDateTimeOffset();
        string moment = time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        string owner = item is { User.Length: > 0, Group.Length: > 0 } ? ShellQuote.Word($"{item.User}:{item.Group}") : "";
        string numbers = string.Create(CultureInfo.InvariantCulture, $"{item.UserId}:{item.GroupId}");
        string chown = !preserveOwner ? "" : owner.Length == 0 ? $"chown {numbers} \"$f\" || exit 74\n" : $"chown {owner} \"$f\" 2>/dev/null || chown {numbers} \"$f\" || exit 74\n";
        return $$"""
            d={{ListScript.PathWord(destination)}}
            {{Enter}}cd "$b" && o={{ShellQuote.Word(file)}} || exit 71
            case $d in */*) d=./${d##*/};; esac
            f=./{{CopyNames.Staging}}whole.$$
            mv "$o" "$f" 2>/dev/null || exit 76
            trap '[ ! -f "$f" ] || mv "$f" "$o"' 0
            if [ -d "$d" ] && [ ! -h "$d" ]; then exit 78; fi
            {{chown}}chmod {{Convert.ToString(item.Permissions, 8)}} "$f" || exit 74
            TZ=UTC0 touch -d '{{moment}}.{{item.Modified.Nanoseconds.ToString("D9", CultureInfo.InvariantCulture)}}' "$f" 2>/dev/null || TZ=UTC0 touch -d '{{moment}}' "$f" || exit 74
            mv -f "$f" "$d" || exit 74

            """;
    }

    /// <summary>Removes a file that turned out wrong.</summary>
    public static string Drop(string destination, string file) => $$"""
        d={{ListScript.PathWord(destination)}}
        {{Enter}}cd "$b" && rm -f {{ShellQuote.Word(file)}}

        """;
}
