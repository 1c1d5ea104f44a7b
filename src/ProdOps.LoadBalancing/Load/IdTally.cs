using System.Buffers.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Load;

/// <summary>
/// Counts on servers which requests of a run they got, by the ids in their logs: one that no server has was lost, one that is there twice was sent a second time by somebody in between.
/// </summary>
/// <param name="run">What the ids of the run begin with.</param>
/// <param name="requests">How many were sent.</param>
internal sealed class IdTally(string run, long requests)
{
    // An answer comes before its line in the log. Somewhat later it must be there.
    private static readonly TimeSpan[] Patience = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    private byte[] _seen = [];

    /// <summary>Requests that no server has.</summary>
    public long Lost => _seen.Count(count => count == 0);

    /// <summary>Requests that were got more than once.</summary>
    public long Replayed => _seen.Count(count => count > 1);

    /// <summary>Reads logs until all but the requests that failed are there, or it has waited for long enough.</summary>
    /// <param name="shells">The servers.</param>
    /// <param name="logs">Paths of the logs on each, with wildcards or without.</param>
    /// <param name="failed">How many requests failed, which need not have got anywhere.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProdOpsException">A log is not there or cannot be read.</exception>
    public async Task CountAsync(IReadOnlyList<IServerShell> shells, IReadOnlyList<string> logs, long failed, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int i = 0; ; i++)
        {
            _seen = new byte[requests];
            var tallies = await Task.WhenAll(shells.Select(shell => ReadAsync(shell, logs, cancellationToken))).ConfigureAwait(false);
            foreach (byte[] tally in tallies)
                for (int n = 0; n < tally.Length; n++) _seen[n] = (byte)Math.Min(2, _seen[n] + tally[n]);
            if (Lost <= failed || i == Patience.Length) return;
            await Task.Delay(Patience[i], time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<byte[]> ReadAsync(IServerShell shell, IReadOnlyList<string> logs, CancellationToken cancellationToken)
    {
        // The last id of each line: a log that has it in the header and in the body counts once.
        string text = $"sed -n 's/.*\\({run}-[0-9]\\{{10\\}}\\).*/\\1/p' -- {string.Join(' ', logs.Select(ShellQuote.Pattern))}";
        var command = new ServerCommand(text) { AsRoot = true, PosixLocale = true };
        await using var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        process.StandardInput.Close();
        byte[] seen = new byte[requests], record = new byte[RequestId.Length + 1];
        var output = process.StandardOutput;
        var error = ReadErrorAsync(process.StandardError, cancellationToken);
        while (await output.ReadAtLeastAsync(record, record.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) == record.Length)
        {
            if (Utf8Parser.TryParse(record.AsSpan(run.Length + 1, 10), out long number, out _) && number >= 1 && number <= requests && seen[number - 1] < 2) seen[number - 1]++;
        }

        var exit = await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        string said = await error.ConfigureAwait(false);
        return exit.Succeeded ? seen : throw LoadBalancingErrors.IdLogUnreadable(shell.Name, string.Join(", ", logs), said);
    }

    private static async Task<string> ReadErrorAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[4096], rest = new byte[4096];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        while (length == buffer.Length && await stream.ReadAsync(rest, cancellationToken).ConfigureAwait(false) > 0)
        {
        }

        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }
}
