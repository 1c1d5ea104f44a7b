using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution;

/// <summary>One run at a time on a server, whichever machine it comes from. Commands of a run go on when it was cut off: as long as one of them does, no other run begins there either.</summary>
internal sealed class TargetLock(IServerShell shell, string run, string by, bool asRoot)
{
    public string Server => shell.Name;

    /// <summary>Takes the lock; the run that has it already takes it again.</summary>
    /// <exception cref="ProdOpsException"><c>RecoveryTargetBusy</c>.</exception>
    public async Task TakeAsync(bool force, CancellationToken cancellationToken)
    {
        // Who has it may give it back in between. A folder without a process is a job that has not begun yet, and then never does.
        string take = Head + ServerJob.Lives + $$"""
            w={{ShellQuote.Word(by)}}; f={{(force ? "1" : "")}}; mkdir -p "$b" || exit
            line=$(printf '%s\t%s\t%s' "$r" "$w" "$(date -u '+%Y-%m-%d %H:%M:%SZ')")
            for i in 1 2 3 4 5; do
                if (set -C; printf '%s\n' "$line" >"$b/lock") 2>/dev/null; then o=; break; fi
                o=$(cat "$b/lock" 2>/dev/null) && break
                mkdir -p "$b" || exit
            done
            [ "$(printf '%s\n' "$o" | cut -f1)" != "$r" ] || exit 0
            if [ -n "$f" ]; then printf '%s\n' "$line" >"$b/lock"; exit 0; fi
            if [ -n "$o" ]; then printf 'lock\t%s' "$o"; exit 0; fi
            for d in "$b"/*/*; do
                if [ ! -d "$d" ] || [ -e "$d/rc" ]; then continue; fi
                o=${d%/*}; o=${o##*/}
                if [ "$o" = "$r" ]; then continue; fi
                if [ ! -e "$d/pid" ]; then
                    if mkdir "$d/claim" 2>/dev/null; then rm -rf -- "$d"; continue; fi
                    sleep 1
                fi
                if p=$(cat "$d/pid" 2>/dev/null) && lives "$p"; then rm -f "$b/lock"; printf 'command\t%s' "$o"; exit 0; fi
            done

            """;
        string[] other = (await RunAsync(take, cancellationToken).ConfigureAwait(false)).EnsureSuccess().Text.Split('\t');
        if (other is [var what, var holder, ..]) throw RecoveryErrors.TargetBusy(shell.Name, ServersErrors.Printable(holder), what == "command", [.. other.Skip(2).Select(ServersErrors.Printable)]);
    }

    /// <summary>Gives the lock back, and, when the run is over, removes what its commands have left. Before that a resumed run asks it how they ended.</summary>
    public Task ReleaseAsync(bool isOver, CancellationToken cancellationToken) => RunAsync(Head + $"""
        [ -z "{(isOver ? "1" : "")}" ] || rm -rf -- "$b/$r"
        if [ "$(cut -f1 "$b/lock" 2>/dev/null)" = "$r" ]; then rm -f "$b/lock"; fi
        rmdir "$b" 2>/dev/null; exit 0

        """, cancellationToken);

    private string Head => $"r={ShellQuote.Word(run)}\n";

    private Task<CommandOutput> RunAsync(string script, CancellationToken cancellationToken) =>
        shell.RunAsync(new ServerCommand(ServerJob.Base + script) { AsRoot = asRoot, PosixLocale = true, Idempotent = true }, cancellationToken);
}
