using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution;

/// <summary>One run at a time on a server, whichever machine it comes from. The lock stays when a run is cut off: its commands may still be at work, and it is resumed.</summary>
internal sealed class TargetLock(IServerShell shell, string run, bool asRoot)
{
    /// <summary>Takes the lock; the run that has it already takes it again.</summary>
    /// <exception cref="ProdOpsException"><c>RecoveryTargetBusy</c>.</exception>
    public async Task TakeAsync(bool force, CancellationToken cancellationToken)
    {
        string take = $"""
            r={ShellQuote.Word(run)}; mkdir -p "$b" || exit
            # Who has it may give it back in between.
            for i in 1 2 3 4 5; do
                if (set -C; printf '%s\n' "$r" >"$b/lock") 2>/dev/null; then exit 0; fi
                o=$(cat "$b/lock" 2>/dev/null) && break
                mkdir -p "$b" || exit
            done
            if [ "$o" = "$r" ]; then exit 0; elif [ -n "{(force ? "1" : "")}" ]; then printf '%s\n' "$r" >"$b/lock"; else printf %s "$o"; fi

            """;
        string other = (await RunAsync(take, cancellationToken).ConfigureAwait(false)).EnsureSuccess().Text;
        if (other.Length > 0) throw RecoveryErrors.TargetBusy(shell.Name, ProdOps.Servers.ServersErrors.Printable(other));
    }

    /// <summary>Gives the lock back, and, when the run is over, removes what its commands have left. Before that a resumed run asks it how they ended.</summary>
    public Task ReleaseAsync(bool isOver, CancellationToken cancellationToken) => RunAsync($"""
        r={ShellQuote.Word(run)}; [ -z "{(isOver ? "1" : "")}" ] || rm -rf -- "$b/$r"
        if [ "$(cat "$b/lock" 2>/dev/null)" = "$r" ]; then rm -f "$b/lock"; fi
        rmdir "$b" 2>/dev/null; exit 0

        """, cancellationToken);

    private Task<CommandOutput> RunAsync(string script, CancellationToken cancellationToken) =>
        shell.RunAsync(new ServerCommand(ServerJob.Base + script) { AsRoot = asRoot, PosixLocale = true, Idempotent = true }, cancellationToken);
}
