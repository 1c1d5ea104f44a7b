using ProdOps.LoadBalancing.Operating;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>The lock on a balancer: two who change it at once would put back each other's files.</summary>
internal sealed class BalancerLock : IAsyncDisposable
{
    // What a step checks before it changes anything is the token in the file: a holder that was given up has another one in its place.
    private const string Perl = """
        use Fcntl ":flock"; $| = 1;
        my ($f, $t, $o, $s) = @ARGV; umask 0077;
        open(my $h, "+>>", $f) or die "$f: $!\n";
        unless (flock($h, LOCK_EX | LOCK_NB)) { seek $h, 0, 0; my @l = <$h>; print "busy ", $l[1] // ""; exit 75 }
        truncate $h, 0; my $d = select $h; $| = 1; select $d; print $h "$t\n$o\n"; print "held\n";
        my $r = ""; vec($r, fileno(STDIN), 1) = 1;
        while (1) { my $b = $r; my $n = select $b, undef, undef, $s; last if $n < 1; last unless sysread STDIN, my $x, 64 }
        truncate $h, 0;
        """;

    private readonly ServerHold _hold;

    private BalancerLock(ServerHold hold, string token) => (_hold, Token) = (hold, token);

    /// <summary>What the lock's file holds while it is ours.</summary>
    public string Token { get; }

    /// <summary>Takes it.</summary>
    /// <exception cref="ProdOpsException">Somebody else has it, or it cannot be taken.</exception>
    public static async Task<BalancerLock> TakeAsync(IServerShell shell, string file, string owner, bool asRoot, TimeProvider time, CancellationToken cancellationToken)
    {
        string token = Guid.NewGuid().ToString("N");
        string folder = ShellQuote.Word(file[..file.LastIndexOf('/')]);
        var command = new ServerCommand($"mkdir -p {folder} && chmod 700 {folder} && exec perl -e {ShellQuote.Word(Perl)} {ShellQuote.Words(file, token, owner, ((int)ServerHold.Silence.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture))}") { AsRoot = asRoot };
        return new BalancerLock(await ServerHold.TakeAsync(shell, command, holder => LoadBalancingErrors.PublishBusy(shell.Name, holder), why => LoadBalancingErrors.PublishLockFailed(shell.Name, why), time, cancellationToken).ConfigureAwait(false), token);
    }

    public ValueTask DisposeAsync() => _hold.DisposeAsync();
}
