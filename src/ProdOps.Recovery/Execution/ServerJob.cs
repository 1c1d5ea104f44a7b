using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Execution;

/// <summary>
/// A script that a server runs by itself: a lost connection or a dead admin machine does not end it, and whoever asks later finds it by its name, running or ended. Its folder on the server holds the
/// script, the output and how it ended. <c>claim</c> is made once, by the script itself before it does anything or by who finds that it never began: so it runs once, and nobody guesses.
/// </summary>
internal sealed class ServerJob(StepContext context, string name)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>The folder of all runs on a server: root's, or the user's; another one where the server's own environment says so.</summary>
    public const string Base = """
        umask 077
        if [ -n "${PRODOPS_STATE:-}" ]; then b=$PRODOPS_STATE/recovery; elif [ "$(id -u)" = 0 ]; then b=/var/lib/prodops/recovery; else b=${HOME:?}/.local/state/prodops/recovery; fi

        """;

    /// <summary>Whether a process lives, as it was started since the last boot. One that nobody has reaped yet is dead.</summary>
    public const string Lives = """
        lives() {
            [ "$(cat "$d/boot" 2>/dev/null)" = "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ] || return 1
            [ -e /proc/self/stat ] || { kill -0 "$1" 2>/dev/null; return; }
            case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in ''|Z*|X*) return 1 ;; esac
        }

        """;

    /// <summary>Outside of systemd's session, where there is one: a session that ends takes what is in it along where logind is told to.</summary>
    private const string Launch = """
        if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1
        then (systemd-run --scope --quiet --collect -- setsid sh "$d/job" || setsid sh "$d/job") >/dev/null 2>&1 </dev/null &
        else setsid sh "$d/job" >/dev/null 2>&1 </dev/null &
        fi

        """;

    private const string Job = """
        d=${0%/job}
        mkdir "$d/claim" 2>/dev/null || exit 0
        cat /proc/sys/kernel/random/boot_id >"$d/boot" 2>/dev/null
        echo $$ >"$d/pid.new"; mv "$d/pid.new" "$d/pid"
        sh "$d/script" >"$d/out" 2>&1 </dev/null
        echo $? >"$d/rc.new"; mv "$d/rc.new" "$d/rc"

        """;

    private const string Wait = """
        n=0
        while [ ! -e "$d/rc" ]; do
            if [ ! -d "$d" ]; then echo none; exit 0; fi
            if [ -e "$d/pid" ]; then
                p=$(cat "$d/pid")
                if ! lives "$p"; then
                    [ -e "$d/rc" ] && break
                    echo gone; exit 0
                fi
            elif [ "$n" -ge 30 ] && mkdir "$d/claim" 2>/dev/null; then
                rm -rf "$d"; echo none; exit 0
            fi
            n=$((n+1)); [ "$n" -ge 60 ] && { echo running; exit 0; }
            sleep 0.1 2>/dev/null || sleep 1
        done
        echo "ended $(cat "$d/rc")"; tail -c 8000 "$d/out" 2>/dev/null

        """;

    /// <summary>A name that is the same whenever the same attempt of the same step is meant.</summary>
    public static string NameOf(string run, string step, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{run}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(step.ToUpperInvariant()))[..6])}-{attempt}");

    /// <summary>Starts the script, unless it was started already.</summary>
    /// <param name="script">The script.</param>
    /// <param name="secrets">What it finds in variables. They go over standard input, and are in no file.</param>
    /// <param name="cancellationToken">Stops waiting; the script goes on.</param>
    public async Task StartAsync(string script, IReadOnlyDictionary<string, SecretReference> secrets, CancellationToken cancellationToken)
    {
        using var input = new MemoryStream();
        var text = new StringBuilder(Base).Append(Folder)
            .Append("mkdir -p \"${d%/*}\" || exit\nif ! mkdir \"$d\" 2>/dev/null; then [ -d \"$d\" ] && exit 0; mkdir \"$d\"; exit; fi\n");
        foreach (var (variable, reference) in secrets.OrderBy(secret => secret.Key, StringComparer.Ordinal))
        {
            using var secret = await context.Access.SourceOf(reference).ResolveAsync(cancellationToken).ConfigureAwait(false);
            WriteLine(input, secret.Bytes.Span);
            text.Append(CultureInfo.InvariantCulture, $"IFS= read -r l || exit\n{variable}=$(printf %s \"$l\" | base64 -d) || exit\nexport {variable}\n");
        }

        input.Write(Encoding.UTF8.GetBytes(script));
        // Half a script must never run.
        text.Append(WholeInput.Into("\"$d/script\"", Encoding.UTF8.GetByteCount(script))).Append(" || { rm -rf \"$d\"; exit 1; }\n");
        text.Append("cat >\"$d/job\" <<'END OF JOB'\n").Append(Job).Append("END OF JOB\n").Append(Launch);
        byte[] bytes = input.ToArray();
        try
        {
            var output = await PatientlyAsync(shell => shell.RunAsync(new ServerCommand(text.ToString()) { AsRoot = context.Step.AsRoot, PosixLocale = true, Idempotent = true }, new CommandRunOptions { Input = bytes }, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (!output.Exit.Succeeded) throw RecoveryErrors.JobNotStarted(context.Server.Name, ServersErrors.Printable(output.ErrorText.Trim()));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(input.GetBuffer());
        }
    }

    /// <summary>Waits until the script has ended; a lost connection is made again for as long as the step may take.</summary>
    /// <returns>Its exit code and the end of what it printed.</returns>
    /// <exception cref="ProdOpsException">It was ended from outside.</exception>
    public async Task<(int Code, string Output)> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await LookAsync(cancellationToken).ConfigureAwait(false))
            {
                case { State: JobState.Ended } ended: return (ended.Code, ended.Output);
                case { State: JobState.Gone }: throw RecoveryErrors.JobGone();
                case { State: JobState.None }: throw RecoveryErrors.JobNotStarted(context.Server.Name, "its folder is gone, or it did not begin");
            }
        }
    }

    /// <summary>How it is, after waiting some seconds for its end.</summary>
    public async Task<JobLook> LookAsync(CancellationToken cancellationToken)
    {
        var command = new ServerCommand(Base + Folder + Lives + Wait) { AsRoot = context.Step.AsRoot, PosixLocale = true, Idempotent = true };
        var output = (await PatientlyAsync(shell => shell.RunAsync(command, cancellationToken), cancellationToken).ConfigureAwait(false)).EnsureSuccess();
        int end = output.Text.IndexOf('\n');
        string first = end < 0 ? output.Text : output.Text[..end];
        return first switch
        {
            "none" => new JobLook(JobState.None, 0, ""),
            "gone" => new JobLook(JobState.Gone, 0, ""),
            "running" => new JobLook(JobState.Running, 0, ""),
            _ when first.StartsWith("ended ", StringComparison.Ordinal) && int.TryParse(first[6..], CultureInfo.InvariantCulture, out int code) => new JobLook(JobState.Ended, code, SecretRedactor.Shared.Redact(output.Text[(end + 1)..])),
            _ => throw RecoveryErrors.JobNotStarted(context.Server.Name, $"it answers '{ServersErrors.Printable(first)}'"),
        };
    }

    /// <summary>Ends the script and what it started.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        const string Kill = """
            mkdir "$d/claim" 2>/dev/null && exit 0
            p=$(cat "$d/pid" 2>/dev/null) && lives "$p" || exit 0
            kill -TERM "-$p" 2>/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do lives "$p" || break; sleep 0.2 2>/dev/null || sleep 1; done
            kill -KILL "-$p" 2>/dev/null; exit 0

            """;
        await PatientlyAsync(shell => shell.RunAsync(new ServerCommand(Base + Folder + Lives + Kill) { AsRoot = context.Step.AsRoot, PosixLocale = true, Idempotent = true }, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private string Folder => $"d=\"$b\"/{ShellQuote.Word(name)}\n";

    /// <summary>Connects again, as often as it takes, where the connection is lost or the server cannot be reached for a while.</summary>
    private async Task<CommandOutput> PatientlyAsync(Func<IServerShell, Task<CommandOutput>> run, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await run(await context.OpenAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (ProdOpsException error) when (error.ErrorId == ServersErrors.ConnectionLostId || error.Kind is ErrorKind.ResourceUnavailable or ErrorKind.Timeout)
            {
                context.Activity.Verbose($"{context.Server.Name}: {error.Message} Trying again.");
                await Task.Delay(Pause, context.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static void WriteLine(MemoryStream stream, ReadOnlySpan<byte> secret)
    {
        byte[] buffer = new byte[System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(secret.Length)];
        System.Buffers.Text.Base64.EncodeToUtf8(secret, buffer, out _, out int length);
        stream.Write(buffer, 0, length);
        stream.WriteByte((byte)'\n');
        CryptographicOperations.ZeroMemory(buffer);
    }
}

/// <summary>How a job is.</summary>
internal sealed record JobLook(JobState State, int Code, string Output);

internal enum JobState
{
    /// <summary>It never began, and will not.</summary>
    None,
    Running,
    Ended,

    /// <summary>It began and was ended from outside.</summary>
    Gone,
}
