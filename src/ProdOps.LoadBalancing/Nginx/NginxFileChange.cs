using System.Security.Cryptography;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Nginx;

/// <summary>
/// Puts a changed file in the place of the former one, has nginx test and take it up, and sees that it did; else the former one is there again. What lies beside it meanwhile begins with a dot: no pattern
/// of an <c>include</c> finds it.
/// </summary>
internal static class NginxFileChange
{
    /// <summary>The file has been changed since it was read.</summary>
    public const int Changed = 75;

    /// <summary>nginx refuses the new one.</summary>
    public const int Refused = 76;

    /// <summary>nginx did not take the new one up.</summary>
    public const int NotTaken = 77;

    /// <summary>Somebody else is at it.</summary>
    public const int Busy = 78;

    // The former content lies beside the file under the sum of the new one, so that the next run can tell what a killed one has done: if the file is still what that wrote, and nginx would not begin with it,
    // it was cut off before nginx had tested it, and nobody was told that it worked.
    private const string Script = """
        file=$(readlink -f -- "$1") before=$2 after=$3 gate=$4
        [ -n "$file" ] && [ -f "$file" ] || { echo "there is no file '$1'" >&2; exit 1; }
        folder=${file%/*}/ reloaded=
        sum() { sha256sum <"$1" | cut -d ' ' -f 1; }
        settle() { sync -- "$@" 2>/dev/null || sync; }
        if command -v flock >/dev/null; then
            # Who publishes writes the file, too, and holds this one.
            if [ -f "$gate" ]; then
                exec 8>>"$gate"
                flock -w 20 8 || { sed -n 2p "$gate" >&2; exit 78; }
                trap ': >"$gate"' EXIT
                printf '\na change of a server in %s since %s\n' "$file" "$(date -u '+%Y-%m-%d %H:%M:%SZ')" >"$gate"
            fi
            # Not the file's: that is another file as soon as it is replaced, and whoever opens that would not wait.
            exec 9<"$folder"
            flock -w 20 9 || exit 78
        fi
        new=$folder.${file##*/}.prodops-new former=$folder.${file##*/}.prodops-former
        for left in "$former".*; do
            [ -f "$left" ] || continue
            if [ "${left##*.}" = "$(sum "$file")" ] && ! nginx -t >/dev/null 2>&1; then
                touch -- "$left" && mv -f -- "$left" "$file" || exit 1
                settle "$folder"
            fi
            rm -f -- "$left"
        done
        [ "$(sum "$file")" = "$before" ] || exit 75
        former=$former.$after
        drop() { rm -f -- "$new" "$former"; }
        back() {
            trap '' HUP INT TERM
            # What nginx has read is newer than what is put back: until it has read that again, whoever looks is to see it.
            [ -z "$reloaded" ] || touch -- "$former"
            mv -f -- "$former" "$file"
            rm -f -- "$new"
            settle "$folder"
            [ -z "$reloaded" ] || nginx -s reload 2>/dev/null
        }
        trap 'drop; exit 1' HUP INT TERM
        cp -p -- "$file" "$former" && cp -p -- "$file" "$new" && cat >"$new" || { drop; exit 1; }
        [ "$(sum "$new")" = "$after" ] || { drop; echo "the new content did not come whole" >&2; exit 1; }
        settle "$former" "$new" "$folder"
        trap 'back; exit 1' HUP INT TERM
        mv -f -- "$new" "$file" || { drop; exit 1; }
        settle "$folder"
        said=$(nginx -t 2>&1 >/dev/null) || { back; printf '%s\n' "$said" >&2; exit 76; }
        master=$(master)
        old=$(workers "$master")
        reloaded=yes tries=0
        said=$(nginx -s reload 2>&1 >/dev/null | grep -E '\[(emerg|error)\]') && { reloaded=; back; printf '%s\n' "$said" >&2; exit 77; }
        while [ $tries -lt 100 ]; do
            now=$(workers "$master")
            if [ -n "$now" ] && [ -z "$(printf '%s\n%s\n' "$old" "$now" | sort | uniq -d)" ]; then
                trap '' HUP INT TERM
                rm -f -- "$former"
                exit 0
            fi
            sleep 0.1
            tries=$((tries + 1))
        done
        back
        exit 77
        """;

    /// <summary>The command; the new content is its standard input.</summary>
    /// <param name="file">The file.</param>
    /// <param name="former">The former content.</param>
    /// <param name="content">The new content.</param>
    /// <param name="gate">The file that whoever publishes has locked.</param>
    public static ServerCommand Command(string file, ReadOnlySpan<byte> former, ReadOnlySpan<byte> content, string gate) =>
        new($"set -- {ShellQuote.Words(file, Sum(former), Sum(content), gate)}\n{NginxScripts.Functions}{Script}") { AsRoot = true, PosixLocale = true };

    private static string Sum(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
