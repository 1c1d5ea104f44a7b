using System.Globalization;
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

    private const string Script = """
        PATH=$PATH:/usr/sbin:/sbin
        file=$(readlink -f -- "$1") sum=$2
        [ -n "$file" ] && [ -f "$file" ] || { echo "there is no file '$1'" >&2; exit 1; }
        exec 9<"$file"
        command -v flock >/dev/null && { flock -w 20 9 || exit 75; }
        [ "$(sha256sum <"$file" | cut -d ' ' -f 1)" = "$sum" ] || exit 75
        former=${file%/*}/.${file##*/}.prodops-former new=${file%/*}/.${file##*/}.prodops-new
        cp -p -- "$file" "$former" && cp -p -- "$file" "$new" && cat >"$new" && sync "$new" || exit 1
        back() { mv -f -- "$former" "$file"; rm -f -- "$new"; }
        trap 'back; exit 1' HUP INT TERM
        mv -f -- "$new" "$file" || exit 1
        nginx -t >/dev/null 2>"$former.said" || { back; cat "$former.said" >&2; rm -f "$former.said"; exit 76; }
        rm -f "$former.said"
        master=$(ps -C nginx -o pid=,args= | awk '/nginx: master/ { print $1; exit }')
        taking() { ps --ppid "$master" -o pid=,args= | grep 'nginx: worker' | grep -v 'shutting down' | awk '{ print $1 }' | sort; }
        before=$(taking)
        if nginx -s reload 2>&1 >/dev/null | grep -E '\[(emerg|error)\]' >&2; then back; exit 77; fi
        tries=0
        while [ $tries -lt 100 ]; do
            now=$(taking)
            if [ -n "$now" ] && [ -z "$(printf '%s\n%s\n' "$before" "$now" | sort | uniq -d)" ]; then
                trap '' HUP INT TERM
                rm -f -- "$former"
                exit 0
            fi
            sleep 0.1
            tries=$((tries + 1))
        done
        back
        nginx -s reload 2>/dev/null
        exit 77
        """;

    /// <summary>The command; the new content is its standard input.</summary>
    /// <param name="file">The file.</param>
    /// <param name="former">The former content's SHA-256.</param>
    public static ServerCommand Command(string file, ReadOnlySpan<byte> former) =>
        new(string.Create(CultureInfo.InvariantCulture, $"set -- {ShellQuote.Words(file, Convert.ToHexStringLower(former))}\n{Script}")) { AsRoot = true, PosixLocale = true };
}
