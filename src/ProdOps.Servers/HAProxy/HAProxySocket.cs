using System.Globalization;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.HAProxy;

/// <summary>
/// The way to an HAProxy's sockets: a helper on the server that reads a request a line, connects for each, as HAProxy wants it without a prompt (Management Guide,
/// section 9.3), and prints the answer and how it ended. Nothing is opened to the network.
/// </summary>
internal static class HAProxySocket
{
    /// <summary>The exit code that says: there is nothing on the server that can connect to a socket.</summary>
    public const int Unable = 96;

    /// <summary>Where Debian, Red Hat and HAProxy's own examples have the admin socket.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["/run/haproxy/admin.sock", "/var/lib/haproxy/stats", "/run/haproxy.sock", "/var/run/haproxy.sock", "/tmp/haproxy.sock"];

    /// <summary>The command that runs the helper until its input ends.</summary>
    /// <param name="mark">What the line behind each answer begins with: random, so that no answer can hold it.</param>
    /// <param name="limit">How many bytes an answer may have; what is longer is cut there.</param>
    public static ServerCommand Serve(string mark, int limit)
    {
        string arguments = ShellQuote.Words(mark, limit.ToString(CultureInfo.InvariantCulture));
        // Perl's base is on every Debian and Ubuntu, Python on most others; the rest needs a process for each request.
        return new ServerCommand(
            $"if command -v perl >/dev/null 2>&1 && perl -MIO::Socket::UNIX -e 1 2>/dev/null; then exec perl -e {ShellQuote.Word(Perl)} {arguments}; fi\n"
            + $"if command -v python3 >/dev/null 2>&1; then exec python3 -c {ShellQuote.Word(Python)} {arguments}; fi\n"
            + $"set -- {arguments}\n{Shell}");
    }

    /// <summary>A request as the helper reads it.</summary>
    /// <param name="command">The command; it may have several lines.</param>
    /// <param name="addresses">Sockets, of which the first that is there is asked: full paths, or <c>host:port</c> as seen from the server.</param>
    public static byte[] Request(string command, IReadOnlyList<string> addresses)
    {
        if (addresses.Any(address => address.AsSpan().ContainsAny('\t', '\n', '\0'))) throw new ArgumentException("A socket's address is on one line.", nameof(addresses));
        string text = command.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", " ", StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes($"{string.Join('\t', addresses)}\t{text}\n");
    }

    // Each says that it has no more to say: the master of 2.6 leaves a connection open after its answer, once it has been reloaded, until the other side does.
    private const string Perl = """
        use IO::Socket::UNIX; use IO::Socket::INET; $| = 1; $SIG{PIPE} = "IGNORE"; binmode STDIN; binmode STDOUT;
        my ($m, $l) = @ARGV;
        while (defined(my $q = <STDIN>)) {
          chomp $q; my @a = split /\t/, $q, -1; $q = pop @a;
          my ($a) = grep { !m{^/} || -S $_ } @a; $a = $a[0] unless defined $a;
          $q =~ s/\\(.)/$1 eq "n" ? "\n" : $1/ge;
          my $s = $a =~ m{^/} ? IO::Socket::UNIX->new(Peer => $a) : IO::Socket::INET->new(PeerAddr => $a, Timeout => 5);
          my $e = "no " . ($! + 0) . " $!";
          if ($s) {
            my ($n, $b, $r) = (0); print $s "$q\n"; $s->flush; shutdown $s, 1;
            while ($n <= $l && ($r = sysread $s, $b, 65536)) { print $b; $n += $r }
            $e = $n > $l ? "cut" : defined $r ? "ok" : "no " . ($! + 0) . " $!"; close $s;
          }
          print "\n$m $e\n";
        }
        """;

    private const string Python = """
        import os, re, socket, stat, sys
        m, l, i, o = sys.argv[1], int(sys.argv[2]), sys.stdin.buffer, sys.stdout.buffer
        def there(a):
            try: return not a.startswith(b"/") or stat.S_ISSOCK(os.stat(a).st_mode)
            except OSError: return False
        for q in iter(i.readline, b""):
            *a, q = q.rstrip(b"\n").split(b"\t")
            a = next(filter(there, a), a[0])
            q = re.sub(rb"\\(.)", lambda k: b"\n" if k.group(1) == b"n" else k.group(1), q)
            e, n = "ok", 0
            try:
                if a.startswith(b"/"):
                    s = socket.socket(socket.AF_UNIX)
                    s.connect(a)
                else:
                    h, p = a.decode().rsplit(":", 1)
                    s = socket.create_connection((h.strip("[]"), int(p)), 5)
                    s.settimeout(None)
                with s:
                    s.sendall(q + b"\n")
                    s.shutdown(socket.SHUT_WR)
                    while n <= l:
                        b = s.recv(65536)
                        if not b: break
                        n += len(b)
                        o.write(b)
                        o.flush()
                if n > l: e = "cut"
            except OSError as x: e = "no %d %s" % (x.errno or 0, x.strerror or x)
            except ValueError as x: e = "no 22 %s" % x
            o.write(("\n%s %s\n" % (m, e)).encode())
            o.flush()
        """;

    // In the language of POSIX alone, so one byte of the limit more is read to see that there is more; what counts it is on our side.
    private const string Shell = """
        if command -v socat >/dev/null 2>&1; then link() { case $a in /*) socat -t 30 - "UNIX-CONNECT:$a";; *) socat -t 30 - "TCP:$a";; esac; }
        elif command -v nc >/dev/null 2>&1; then
          h=; nc -h 2>&1 | grep -q -e '-[A-Za-z]*N' && h=-N
          link() { case $a in /*) nc $h -U "$a";; *) nc $h "${a%:*}" "${a##*:}";; esac; }
        else echo 'asking HAProxy needs perl, python3, socat or nc -U on the server' >&2; exit 96; fi
        t=$(printf '\t'); set -f
        while IFS= read -r line; do
          q=${line##*"$t"}; a=; f=; IFS=$t
          for p in ${line%"$t"*}; do
            f=${f:-$p}
            case $p in /*) [ -S "$p" ] || continue;; esac
            a=$p; break
          done
          unset IFS; a=${a:-$f}; e=ok
          case $a in /*) if [ ! -S "$a" ]; then e='no 2 No such file or directory'; elif [ ! -w "$a" ]; then e='no 13 Permission denied'; fi;; esac
          if [ "$e" = ok ]; then printf '%b\n' "$q" | link 2>/dev/null | head -c "$(($2 + 1))"; fi
          printf '\n%s %s\n' "$1" "$e"
        done
        """;
}
