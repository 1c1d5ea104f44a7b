using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>
/// The commands of a backup over SSH, as text for any POSIX shell. They read and print, and write nothing on the server. GNU find separates
/// what it tells by NUL; where find is BusyBox's, stat tells, and a random mark that no file name can hold separates.
/// </summary>
internal static class ServerScripts
{
    // stat tells times as text: in UTC, so that no zone is to be known.
    private const string Start = """
        LC_ALL=C; TZ=UTC0; export LC_ALL TZ; unset POSIXLY_CORRECT TAR_OPTIONS TAPE
        has() { command -v "$1" >/dev/null 2>&1; }

        """;

    /// <summary>One item of find: type and numbers, name, link target.</summary>
    private const string FindFormat = "%d %y %m %s %T@ %C@ %A@ %n %D %i %U %G";

    /// <summary>One item of stat, after the mark; the path and the mark follow, then the path again with a link's target.</summary>
    private const string StatFormat = "%f %s %h %d %i %u %g %t %T/%x/%y/%z/%n";

    private const string Getfattr = "getfattr -h -d -m - -e hex --absolute-names --";

    /// <summary>
    /// Tells who the server is, what tools it has, and what stands at the given paths: for an <c>A</c> a folder above what is backed up, for a
    /// <c>P</c> one that is backed up itself.
    /// </summary>
    public static string Probe(IEnumerable<(char Kind, string Path)> paths, string mark)
    {
        var text = new StringBuilder(Start).Append("m=").Append(ShellQuote.Word(mark)).Append('\n').Append($$"""
            if find / -maxdepth 0 -printf '' >/dev/null 2>&1; then l=find
            elif stat -c '%f %y' / >/dev/null 2>&1; then l=stat
            else l=none; fi
            case $(tar --version 2>/dev/null) in *GNU*) t=gnu;; *busybox*|*BusyBox*) t=busybox;; *) if has tar; then t=other; else t=none; fi;; esac
            x=no
            if [ $t = gnu ] && [ -z "$(tar -C / --format=posix --xattrs '--xattrs-include=*' --no-recursion -cf - . 2>&1 >/dev/null)" ]; then x=yes
            elif [ $t != gnu ] && has getfattr && [ -z "$({{Getfattr}} / 2>&1 >/dev/null)" ]; then x=getfattr; fi
            u=${DOAS_USER:-$(id -un)}
            printf 'host=%s\nuid=%s\ngid=%s\nuser=%s\nlist=%s\ntar=%s\nxattrs=%s\n\n' "$(uname -n)" "$(id -u)" "$(id -g)" "${SUDO_USER:-$u}" $l $t $x
            cat /etc/passwd 2>/dev/null; printf '\0'; cat /etc/group 2>/dev/null; printf '\0'
            show() {
              if [ $l = find ]; then find "$@" -maxdepth 0 -printf '{{FindFormat}}\0%p\0%l\0'
              else find "$@" -maxdepth 0 -exec stat -c "${m}I{{StatFormat}}${m}N%N" {} + ; fi
            }
            c() { if [ $l = find ]; then printf '%s\0%s\0\0' "$1" "$2"; else printf '%s%s%s\n' "$m" "$1" "$2"; fi; }
            a() { c A "$1"; show -H "$1"; }
            p() {
              c P "$1"
              if [ -e "$1" ] || [ -h "$1" ]; then show "$1"; return; fi
              d=${1%/*}
              while [ -n "$d" ] && [ ! -d "$d" ]; do d=${d%/*}; done
              if [ -x "${d:-/}" ]; then c V ''; else c D ''; fi
            }

            """);
        foreach (var (kind, path) in paths) text.Append(kind == 'A' ? "a " : "p ").Append(ShellQuote.Word(path)).Append('\n');
        return text.Append("c Z ''\n").ToString();
    }

    /// <summary>Lists everything below the given paths, folder by folder, each folder before what is in it.</summary>
    public static string List(ServerFacts facts, IEnumerable<string> paths, ListRules rules, string mark)
    {
        bool isFind = facts.HasFind;
        var text = new StringBuilder(Start).Append("m=").Append(ShellQuote.Word(mark)).Append('\n');
        text.Append(isFind ? "c() { printf '%s\\0%s\\0\\0' \"$1\" \"$2\"; }\n" : "c() { printf '%s%s%s\\n' \"$m\" \"$1\" \"$2\"; }\n");
        string show = isFind ? $"-printf '{FindFormat}\\0%f\\0%l\\0'" : $"-exec stat -c \"${{m}}I{StatFormat}${{m}}N%N\" {{}} +";
        // A folder that may not be read is told of instead of taken for empty. Root may read everything.
        string closed = facts.UserId == 0 ? ""
            : isFind ? $"-type d ! \\( -readable -executable \\) -printf '!{FindFormat}\\0%f\\0%l\\0' -prune -o "
            : $"-type d ! \\( -exec test -r {{}} \\; -exec test -x {{}} \\; \\) -exec stat -c \"${{m}}!{StatFormat}${{m}}N%N\" {{}} \\; -prune -o ";
        string walk = $"find \"$1\" {(rules.OneFileSystem ? "-xdev " : "")}{rules.PruneWords}{closed}{show}";
        text.Append("t() { c T \"$1\"; ").Append(walk).Append("; c E $?; }\n");
        if (rules.Tags.Count > 0)
        {
            AppendTags(text, rules, isFind);
            foreach (string path in paths) text.Append("g ").Append(ShellQuote.Word(path)).Append('\n');
        }
        foreach (string path in paths) text.Append("t ").Append(ShellQuote.Word(path)).Append('\n');
        return text.Append("c Z ''\n").ToString();
    }

    /// <summary>What stands at the paths that standard input names, as the listing tells it; what is not there is left out.</summary>
    public static string Look(ServerFacts facts, string mark) => facts.HasFind
        ? $$"""
            {{Start}}cd / || exit 71
            xargs -0 sh -c 'find "$@" -maxdepth 0 -printf "{{FindFormat}}\0%p\0%l\0" 2>/dev/null; :' sh
            printf 'Z\0\0\0'

            """
        : $$"""
            {{Start}}cd / || exit 71
            m={{ShellQuote.Word(mark)}}; export m
            xargs -0 sh -c 'for f; do if [ -e "$f" ] || [ -h "$f" ]; then stat -c "${m}I{{StatFormat}}${m}N%N" "$f"; fi; done 2>/dev/null; :' sh
            printf '%sZ\n' "$m"

            """;

    /// <summary>Sends what standard input names as one archive.</summary>
    public static string Read(ServerFacts facts) => $"{Start}cd / || exit 71\nexec {(facts.IsGnuTar
        ? $"tar --format=posix {(facts.TarHasAttributes ? "--xattrs '--xattrs-include=*' " : "")}--sparse --hard-dereference --no-recursion --no-unquote --quoting-style=escape --null -cf - -T -"
        : "xargs -0 tar -cf -")}\n";

    /// <summary>Prints the extended attributes of what standard input names, as <see cref="AttributeList"/> reads them. What is not there, or has none, is left out.</summary>
    public static string Attributes => $"{Start}cd / || exit 71\nxargs -0 {Getfattr} 2>/dev/null; :\n";

    /// <summary>The names of a user and a group by their numbers, as <c>u</c> or <c>g</c>, the number and the name, or nothing, a line each.</summary>
    public static string Owners(uint user, uint group) => $$"""
        {{Start}}if has getent; then
        getent passwd {{user}} | { IFS=: read -r a b; printf 'u:{{user}}:%s\n' "$a"; }
        getent group {{group}} | { IFS=: read -r a b; printf 'g:{{group}}:%s\n' "$a"; }
        fi

        """;

    /// <summary>Paths as the commands take them: from the root, so that none is an option, and a NUL after each.</summary>
    public static byte[] Names(IEnumerable<byte[]> paths)
    {
        using var bytes = new MemoryStream();
        foreach (byte[] path in paths)
        {
            bytes.WriteByte((byte)'.');
            bytes.Write(path);
            bytes.WriteByte(0);
        }
        return bytes.ToArray();
    }

    // Folders that hold a tag come first: whether a folder's entries are wanted has to be known when they come.
    private static void AppendTags(StringBuilder text, ListRules rules, bool isFind)
    {
        text.Append("g() {\n");
        foreach (var tag in rules.Tags)
        {
            string name = FileNames.Decode(tag.Name);
            string test = tag.Header.Length == 0 ? "" : $"[ -f \"$f\" ] && [ \"$(head -c {tag.Header.Length} <\"$f\" 2>/dev/null | od -An -tx1 -v | tr -d ' \\n')\" = {Convert.ToHexStringLower(tag.Header)} ] && ";
            text.Append("find \"$1\" ").Append(rules.OneFileSystem ? "-xdev " : "").Append("-name ").Append(ShellQuote.Word(ListRules.Escape(name)))
                .Append(" -exec sh -c 'for f; do ").Append(test.Replace("'", "'\\''", StringComparison.Ordinal))
                .Append(isFind ? "printf \"G\\0%s\\0\\0\" \"$f\"" : "printf \"%sG%s\\n\" \"$m\" \"$f\"").Append("; done' sh {} + 2>/dev/null\n");
        }
        text.Append("}\nexport m\n");
    }
}
