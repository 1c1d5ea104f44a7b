using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>
/// The lock on a balancer: two who change it at once would put back each other's files. A process there holds it, which ends when its input does: so it is free at once when
/// we die, and after <see cref="Silence"/> when the network between us does.
/// </summary>
internal sealed class BalancerLock : IAsyncDisposable
{
    private const int Busy = 75;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

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

    private readonly IServerProcess _process;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating;

    private BalancerLock(IServerProcess process, string token, TimeProvider time)
    {
        _process = process;
        Token = token;
        _beating = BeatAsync(time);
    }

    /// <summary>What the lock's file holds while it is ours.</summary>
    public string Token { get; }

    /// <summary>Takes it.</summary>
    /// <exception cref="ProdOpsException">Somebody else has it, or it cannot be taken.</exception>
    public static async Task<BalancerLock> TakeAsync(IServerShell shell, string file, string owner, bool asRoot, TimeProvider time, CancellationToken cancellationToken)
    {
        string token = Guid.NewGuid().ToString("N");
        string folder = ShellQuote.Word(file[..file.LastIndexOf('/')]);
        var command = new ServerCommand($"mkdir -p {folder} && chmod 700 {folder} && exec perl -e {ShellQuote.Word(Perl)} {ShellQuote.Words(file, token, owner, ((int)Silence.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture))}") { AsRoot = asRoot };
        var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        try
        {
            using var reader = new StreamReader(process.StandardOutput, Encoding.UTF8, leaveOpen: true);
            string line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? "";
            if (line == "held") return new BalancerLock(process, token, time);
            var exit = await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (exit.Code == Busy) throw LoadBalancingErrors.PublishBusy(shell.Name, line.StartsWith("busy ", StringComparison.Ordinal) ? line[5..] : "");
            using var errors = new StreamReader(process.StandardError, Encoding.UTF8);
            throw LoadBalancingErrors.PublishLockFailed(shell.Name, (await errors.ReadToEndAsync(cancellationToken).ConfigureAwait(false)).Trim());
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _process.StandardInput.DisposeAsync().ConfigureAwait(false);
        // Its end frees the lock: whoever comes next on this machine must find it free.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await Task.WhenAny(_process.WaitForExitAsync(limit.Token)).ConfigureAwait(false);
        await _process.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task BeatAsync(TimeProvider time)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Heartbeat, time, _stop.Token).ConfigureAwait(false);
                await _process.StandardInput.WriteAsync(new byte[] { (byte)'\n' }, _stop.Token).ConfigureAwait(false);
                await _process.StandardInput.FlushAsync(_stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or ProdOpsException)
        {
            // Lost: the next step finds another token, or none, and ends.
        }
    }
}
