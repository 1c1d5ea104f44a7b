using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Files;

/// <summary>
/// The command that tells what is at a path of a server, with what tools the server has: one command whatever there is to list.
/// It is text for any POSIX shell. GNU find separates what it tells by NUL; where find is BusyBox's, stat tells, and a random mark that no
/// file name can hold separates.
/// </summary>
internal static class ListScript
{
    // Facts first, one a line, then an empty line, then the items. The root's own line comes first and follows a link.
    private const string Facts = """
        LC_ALL=C; export LC_ALL; unset POSIXLY_CORRECT
        has() { command -v "$1" >/dev/null 2>&1; }
        if find / -maxdepth 0 -printf '' >/dev/null 2>&1; then l=find
        elif stat -c %f / >/dev/null 2>&1; then l=stat
        else l=none; fi
        case $(tar --version 2>/dev/null) in *GNU*) t=gnu;; *busybox*|*BusyBox*) t=busybox;; *bsdtar*) t=bsd;; *) if has tar; then t=other; else t=none; fi;; esac
        h=none
        for c in $order; do
          case $c in
            sha256sum0) if sha256sum -z </dev/null >/dev/null 2>&1; then h=$c; fi;;
            openssl) if openssl dgst -sha256 -r </dev/null >/dev/null 2>&1; then h=$c; fi;;
            *) if has "$c"; then h=$c; fi;;
          esac
          if [ $h != none ]; then break; fi
        done
        show() {
          if [ $l = find ]; then find "$@" -printf '%y %m %s %T@ %n %D %i %U %G\0%u\0%g\0%p\0%l\0'
          else find "$@" -exec stat -c "${m}S%f %s %Y %h %d %i %u %g/%U/%G/%n" {} + ; fi
        }
        links() {
          if [ $l = stat ]; then find "$@" -type l -exec sh -c 'for f; do printf "%sL%s\n%sT" "$0" "$f" "$0"; readlink "$f"; done' "$m" {} + ; fi
        }
        sums() {
          printf '\0\0sums\0\0'
          case $h in
            sha256sum0) find "$@" -type f -exec sha256sum -z {} + ;;
            sha256sum) find "$@" -type f -exec sha256sum {} + ;;
            shasum) find "$@" -type f -exec shasum -a 256 {} + ;;
            openssl) find "$@" -type f -exec openssl dgst -sha256 -r {} + ;;
            cksum) find "$@" -type f -exec cksum {} + ;;
          esac
        }
        n=$p
        while [ ! -d "$n" ]; do case $n in */*) n=${n%/*}; [ -n "$n" ] || n=/;; *) n=.;; esac; done
        k=$(df -Pk "$n" 2>/dev/null | awk 'NR == 2 { print $4 }' 2>/dev/null)
        printf 'list=%s\ntar=%s\nsum=%s\nfree=%s\n' "$l" "$t" "$h" "$k"
        if [ -d "$p" ]; then if cd "$p"; then y=folder; else y=denied; fi
        elif [ -f "$p" ]; then y=file
        elif [ -e "$p" ] || [ -h "$p" ]; then y=other
        else y=none; fi
        printf 'type=%s\n\n' $y

        """;

    /// <summary>The command for a path.</summary>
    /// <param name="path">The path on the server; <c>~/</c> at its start is the login user's home.</param>
    /// <param name="mark">A random word.</param>
    /// <param name="what">What to list of it.</param>
    /// <param name="hash">Whether to hash the files that are listed.</param>
    /// <param name="folders">With <see cref="ListScope.Named"/>: folders below the path of which to list everything, too.</param>
    public static string Text(string path, string mark, ListScope what, bool hash, IReadOnlyCollection<string>? folders = null)
    {
        var text = new StringBuilder();
        text.Append("p=").Append(PathWord(path)).Append("; m=").Append(ShellQuote.Word(mark))
            .Append("; order=").Append(ShellQuote.Word(HashTool.OrderFor(namesUnknown: hash && what != ListScope.Root))).Append('\n').Append(Facts);
        text.Append("if [ $y = file ]; then show -H \"$p\" -maxdepth 0\n");
        if (hash) text.Append("sums -H \"$p\" -maxdepth 0\n");
        text.Append("elif [ $y = folder ]; then show . -maxdepth 0\n");
        text.Append(what switch
        {
            ListScope.Root => "",
            ListScope.Everything => "show . -mindepth 1; links . -mindepth 1\n",
            // The names come by standard input: './' and a path each, a NUL after it.
            ListScope.Named => $$"""
                if [ $l = find ]; then xargs -0 sh -c 'find "$@" -maxdepth 0 -printf "%y %m %s %T@ %n %D %i %U %G\0%u\0%g\0%p\0%l\0" 2>/dev/null; :' sh
                else m=$m xargs -0 sh -c 'm=$0; for f; do if [ -e "$f" ] || [ -h "$f" ]; then stat -c "${m}S%f %s %Y %h %d %i %u %g/%U/%G/%n" "$f"
                if [ -h "$f" ]; then printf "%sL%s\n%sT" "$m" "$f" "$m"; readlink "$f"; fi; fi; done; :' "$m"; fi

                """,
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        });
        foreach (string folder in folders ?? [])
        {
            string word = ShellQuote.Word($"./{folder}");
            text.Append("if [ -d ").Append(word).Append(" ] && [ ! -h ").Append(word).Append(" ]; then show ").Append(word).Append(" -xdev -mindepth 1; links ").Append(word).Append(" -xdev -mindepth 1; fi\n");
        }
        if (hash) text.Append("sums .\n");
        return text.Append("fi\n").ToString();
    }

    /// <summary>A path as a word of the shell. Relative ones begin in the home folder, as for scp; a leading dash is no option.</summary>
    public static string PathWord(string path) => path switch
    {
        "~" => "\"$HOME\"",
        ['~', '/', .. var rest] => $"\"$HOME\"/{(rest.Length == 0 ? "" : ShellQuote.Word(rest))}",
        ['-', ..] => ShellQuote.Word("./" + path),
        _ => ShellQuote.Word(path),
    };
}

/// <summary>What to list of a folder.</summary>
internal enum ListScope
{
    /// <summary>The folder itself.</summary>
    Root,

    /// <summary>Everything in it.</summary>
    Everything,

    /// <summary>What standard input names.</summary>
    Named,
}
