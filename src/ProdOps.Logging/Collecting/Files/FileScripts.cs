using System.Globalization;
using System.Text;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Servers.Commands;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>The commands that look at a server's log files and send what is in them: for any POSIX shell, with the tools of GNU, BusyBox or BSD.</summary>
internal static class FileScripts
{
    /// <summary>How many bytes are sent as one, at the most: so many are proved to be right before they are kept.</summary>
    public const int ChunkSize = 4 * 1024 * 1024;

    private const int SmallBlock = 512, LargeBlock = 64 * 1024;

    // What a file is, of the open file on standard input: a path may be another file's a moment later.
    private const string Stat = """
        LC_ALL=C; export LC_ALL
        if stat -L -c %d / >/dev/null 2>&1; then st() { stat -L -c '%d:%i %s %Y' /dev/stdin; }
        else st() { stat -f '%d:%i %z %m'; }; fi
        hex() { od -An -v -tx1 "$@" | tr -d ' \n'; }
        un() {
          case $1 in
            Gzip) gzip -dc 2>/dev/null;;
            Xz) xz -dc 2>/dev/null;;
            Zstd) zstd -dcq 2>/dev/null;;
            Bzip2) bzip2 -dc 2>/dev/null;;
          esac
        }
        tool() { case $1 in Gzip) echo gzip;; Xz) echo xz;; Zstd) echo zstd;; Bzip2) echo bzip2;; esac; }

        """;

    private const string ProbeFacts = """
        LC_ALL=C; export LC_ALL
        has() { command -v "$1" >/dev/null 2>&1; }
        printf 'now=%s\n' "$(date +%s)"
        printf 'zone=%s\n' "$(readlink /etc/localtime 2>/dev/null || cat /etc/timezone 2>/dev/null)"
        printf 'offset=%s\n' "$(date +%z)"
        for t in zstd gzip; do if has $t; then printf 'tool=%s\n' $t; fi; done
        if [ -d /run/systemd/journal ] && has journalctl; then printf 'journal=yes\n'; fi
        printf '\n'

        """;

    // Standard output of printf goes through xargs: no list of files is too long for a command line. The mark can be in no name.
    private const string ProbeFiles = """
        if find / -maxdepth 0 -printf '' >/dev/null 2>&1; then
          printf '%s\0' "$@" | xargs -0 sh -c 'm=$0; find -H "$@" -maxdepth 0 -type f \( -readable -printf "${m}r %D:%i %s %T@ %p" -o -printf "${m}u %D:%i %s %T@ %p" \) 2>/dev/null; :' "$m"
        else
          if stat -L -c %d / >/dev/null 2>&1; then o=-c f='%d:%i %s %Y %n'; else o=-f f='%d:%i %z %m %N'; fi
          printf '%s\0' "$@" | m=$m o=$o f=$f xargs -0 sh -c 'for p; do if [ -f "$p" ]; then a=u; if [ -r "$p" ]; then a=r; fi; stat -L $o "$m$a $f" "$p" 2>/dev/null; fi; done; :' sh
        fi
        printf '%s' "$m"

        """;

    /// <summary>The command that tells about the server and about all files that patterns match.</summary>
    public static string Probe(IReadOnlyList<string> patterns, string mark)
    {
        var text = new StringBuilder(ProbeFacts);
        if (patterns.Count == 0) return text.ToString();
        // Twice: a rotation may come between the list of names and the looks at the files.
        text.Append("m=").Append(ShellQuote.Word(mark)).Append("\nfor twice in 1 2; do\nset --");
        foreach (string pattern in patterns) text.Append(' ').Append(ShellQuote.Pattern(pattern));
        return text.Append('\n').Append(ProbeFiles).Append("done\n").ToString();
    }

    /// <summary>
    /// The command that shows the first bytes of files, and those before a place in them, as hexadecimal digits. Of a packed file it shows one byte more there, if there is one, and
    /// how long its content is, which gzip says at its end.
    /// </summary>
    public static string Look(IReadOnlyList<ContentWish> wishes)
    {
        var text = new StringBuilder(Stat);
        text.Append($$"""
            w() {
              if [ ! -r "$2" ]; then if [ -e "$2" ]; then printf 'D %s\n' "$1"; fi; return; fi
              a=$(st <"$2") || return; t=; g=
              if [ "$3" = None ]; then
                h=$(hex -N {{FileMark.ContentLength}} <"$2")
                if [ "$5" != 0 ]; then t=$(hex -j "$4" -N "$5" <"$2"); fi
              else
                h=$(un "$3" <"$2" | head -c {{FileMark.ContentLength}} | hex)
                if [ "$5" != 0 ]; then t=$(un "$3" <"$2" | tail -c +$(($4 + 1)) | head -c $(($5 + 1)) | hex); fi
                if [ "$3" = Gzip ]; then g=$(tail -c 4 <"$2" | hex); elif [ "$5" != 0 ]; then g=n$(un "$3" <"$2" | wc -c | tr -d ' '); fi
              fi 2>/dev/null
              b=$(st <"$2") || return
              printf 'L %s\n%s\n%s\n%s\n%s\n%s\n' "$1" "$a" "$h" "$t" "$g" "$b"
            }

            """);
        for (int i = 0; i < wishes.Count; i++)
        {
            var (file, end) = wishes[i];
            long start = Math.Max(0, end - FileMark.ContentLength);
            text.Append(CultureInfo.InvariantCulture, $"w {i} {ShellQuote.Word(file.Path)} {file.Packing} {start} {end - start} 2>/dev/null\n");
        }

        return text.Append("printf 'END\\n'\n").ToString();
    }

    /// <summary>The command that sends stretches of files that are not packed.</summary>
    /// <param name="steps">The stretches, each with its number.</param>
    /// <param name="compressor">What all of it is compressed by: <c>zstd</c>, <c>gzip</c>, or nothing.</param>
    public static string Read(IEnumerable<(int Index, ReadStep Step)> steps, string? compressor)
    {
        var text = new StringBuilder(Stat);
        // Of a file that nothing was read of yet, more than its beginning is compared: all files of a log may begin alike.
        // What dd says goes round the data, into a variable; a file that ends early is filled up, and dd's count tells. A file that was cut
        // and has grown as long again begins otherwise.
        text.Append($$"""
            z() { dd if=/dev/zero bs=65536 count=$(( $1 / 65536 + 1 )) 2>/dev/null; }
            before() { hex -j "$tailat" -N "$taillen" <"$p" 2>/dev/null; }
            g() {
              i=$1 p=$2 want=$3 from=$4 end=$5 bs=$6 fixed=$7 tailat=$8 taillen=$9 tail=${10}
              if [ ! -r "$p" ]; then if [ -e "$p" ]; then printf 'D %s\n' "$i"; else printf 'C %s\n' "$i"; fi; return; fi
              h=$(hex -N {{FileMark.ContentLength}} <"$p" 2>/dev/null)
              if [ -n "$tail" ] && [ "$(before)" != "$tail" ]; then printf 'C %s\n' "$i"; return; fi
              {
                set -- $(st)
                if [ "$1" != "$want" ] || [ "$2" -lt "$from" ] || { [ -n "$fixed" ] && [ "$2 $3" != "$fixed" ]; }; then printf 'C %s\n' "$i"; return; fi
                if [ "$2" -lt "$end" ]; then end=$2; fi
                printf 'B %s %s\n' "$i" "$h"
                at=$((from / bs * bs)) k="skip=$((from / bs))"
                while [ "$at" -lt "$end" ]; do
                  n=$((end - at)); if [ "$n" -gt {{ChunkSize}} ]; then n={{ChunkSize}}; fi
                  printf 'F %s %s\n' "$i" "$n"
                  r=$( { { dd bs=$bs $k count=$(( (n + bs - 1) / bs )) 2>&3; z "$n"; } | { head -c "$n" >&4; cat >/dev/null; }; } 3>&1 )
                  k=
                  set -- $(st); size=$2
                  case ${tail:+$(before)}$(hex -N {{FileMark.ContentLength}} <"$p" 2>/dev/null) in
                    "$tail$h"*) ;;
                    *) set -- $(st <"$p" 2>/dev/null); if [ "$1" = "$want" ]; then size=0; fi;;
                  esac
                  printf '\nE %s %s %s\n' "$i" "$size" "$(echo $r)"
                  at=$((at + n))
                done
                printf 'Z %s\n' "$i"
              } <"$p" || printf 'C %s\n' "$i"
            }
            all() {
            exec 4>&1

            """);
        foreach (var (index, step) in steps)
        {
            long from = step.From.Offset - step.From.Known;
            int block = step.To!.Value - from <= LargeBlock ? SmallBlock : LargeBlock;
            string fixedTo = step.IsFixed ? $"'{step.File.Size} {step.File.ModifiedSecond}'" : "''";
            string tail = step.Tail.IsEmpty ? "" : string.Create(CultureInfo.InvariantCulture, $" {step.TailEnd - step.Tail.Length} {step.Tail.Length} {Convert.ToHexStringLower(step.Tail.Span)}");
            text.Append(CultureInfo.InvariantCulture, $"g {index} {ShellQuote.Word(step.File.Path)} {ShellQuote.Word(step.File.Id)} {from} {step.To} {block} {fixedTo}{tail}\n");
        }

        return text.Append("printf 'END\\n'\n}\nall").Append(Through(compressor)).Append('\n').ToString();
    }

    /// <summary>The first byte that is sent for a stretch: it is read in whole blocks.</summary>
    public static long StartOf(ReadStep step)
    {
        long from = step.From.Offset - step.From.Known;
        int block = step.To!.Value - from <= LargeBlock ? SmallBlock : LargeBlock;
        return from / block * block;
    }

    /// <summary>The command that sends the rest of a packed file, unpacked. Since nobody knows its length, it is alone, and ends with a mark and how unpacking ended.</summary>
    public static string Unpack(ReadStep step, string? compressor, string mark)
    {
        long from = step.From.Offset - step.From.Known;
        string fixedTo = step.IsFixed ? $"'{step.File.Size} {step.File.ModifiedSecond}'" : "''";
        string call = string.Create(CultureInfo.InvariantCulture, $"g {ShellQuote.Word(step.File.Path)} {ShellQuote.Word(step.File.Id)} {step.File.Packing} {from} {step.From.Known} {fixedTo}");
        return $$"""
            {{Stat}}
            g() {
              p=$1 want=$2 how=$3 from=$4 known=$5 fixed=$6
              if [ ! -r "$p" ]; then if [ -e "$p" ]; then printf 'D 0\n'; else printf 'C 0\n'; fi; return; fi
              if ! command -v "$(tool "$how")" >/dev/null 2>&1; then printf 'N 0\n'; return; fi
              h=; if [ "$known" != 0 ]; then h=$(un "$how" <"$p" | head -c {{FileMark.ContentLength}} | hex); fi
              {
                set -- $(st)
                if [ "$1" != "$want" ] || { [ -n "$fixed" ] && [ "$2 $3" != "$fixed" ]; }; then printf 'C 0\n'; return; fi
                printf 'B 0 %s\n' "$h"
                r=$( { { un "$how"; echo $? >&3; } | tail -c +$((from + 1)) >&4; } 3>&1 )
                printf '\nX %s %03d\n' {{ShellQuote.Word(mark)}} "$r"
              } <"$p" || printf 'C 0\n'
            }
            all() { exec 4>&1; {{call}}; }
            all{{Through(compressor)}}

            """;
    }

    private static string Through(string? compressor) => compressor switch
    {
        "zstd" => " | zstd -1 -q -c",
        "gzip" => " | gzip -1 -c",
        _ => "",
    };
}
