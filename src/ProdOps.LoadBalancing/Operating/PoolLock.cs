using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Operating;

/// <summary>
/// The lock on a pool of a balancer, for work that takes out one server after the other: two such at once would leave the pool with fewer servers than either of them allows. What holds it is a socket of
/// Linux' abstract namespace (unix(7)), which needs no leave of root, leaves no file behind, and tells whoever asks who has it.
/// </summary>
internal static class PoolLock
{
    // A holder that belongs to another user may say what it likes: its process and its user are the kernel's word (SO_PEERCRED, socket(7)).
    private const string Perl = """
        use Socket; use IO::Socket::UNIX; $| = 1; $SIG{PIPE} = "IGNORE";
        my ($n, $o, $s) = @ARGV; my $l;
        for my $try (1 .. 20) {
            $l = IO::Socket::UNIX->new(Local => "\0$n", Listen => 8) and last;
            $!{EADDRINUSE} or die "$!\n";
            if (my $c = IO::Socket::UNIX->new(Peer => "\0$n")) {
                my ($p, $u) = unpack "lLL", getsockopt $c, SOL_SOCKET, 17;
                my $r = ""; vec($r, fileno($c), 1) = 1; my $t = "";
                sysread $c, $t, 300 if select $r, undef, undef, 3;
                $t =~ s/\s+/ /g; my $w = getpwuid $u; $w = $u unless defined $w;
                print "busy $t(process $p of $w there)\n"; exit 75;
            }
            select undef, undef, undef, 0.1;
        }
        $l or die "it is neither free nor held\n";
        print "held\n";
        my $d = time + $s;
        while ((my $w = $d - time) > 0) {
            my $r = ""; vec($r, fileno(STDIN), 1) = 1; vec($r, fileno($l), 1) = 1;
            last if select($r, undef, undef, $w) < 0;
            if (vec($r, fileno($l), 1) and my $c = $l->accept) { print $c "$o\n"; close $c }
            if (vec($r, fileno(STDIN), 1)) { last unless sysread STDIN, my $x, 64; $d = time + $s }
        }
        """;

    /// <summary>Takes it.</summary>
    /// <param name="shell">The balancer's server.</param>
    /// <param name="balancer">What tells balancers on one server apart: a socket's or a file's path.</param>
    /// <param name="pool">The pool's name in the balancer's configuration.</param>
    /// <param name="owner">Who takes it, in words.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ProdOpsException"><c>BackendPoolLocked</c>: somebody else has it; the message says who. <c>BackendPoolLockFailed</c>: it cannot be taken there.</exception>
    public static Task<ServerHold> TakeAsync(IServerShell shell, string balancer, string pool, string owner, TimeProvider time, CancellationToken cancellationToken)
    {
        // The kernel takes 107 bytes for a name.
        string name = $"prodops-pool-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{balancer}\0{pool}")))[..32]}";
        var command = new ServerCommand($"exec perl -e {ShellQuote.Word(Perl)} {ShellQuote.Words(name, owner, ((int)ServerHold.Silence.TotalSeconds).ToString(CultureInfo.InvariantCulture))}");
        return ServerHold.TakeAsync(shell, command, holder => LoadBalancingErrors.PoolLocked(shell.Name, pool, holder), why => LoadBalancingErrors.PoolLockFailed(shell.Name, pool, why), time, cancellationToken);
    }
}
