using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Clocks;

/// <summary>Measures a server's clock over one channel: question and answer, several times, then the facts.</summary>
internal sealed class ClockReader(TimeProvider time)
{
    /// <summary>RFC 5905's clock filter holds eight answers.</summary>
    public const int DefaultSampleCount = 8;

    // Many times what all time services of a server say together.
    private const int MaximumOutput = 1024 * 1024;

    // A clock of whole seconds is asked until its second has changed twice; past this it stands still.
    private static readonly TimeSpan CoarseLimit = TimeSpan.FromSeconds(2.5);
    private static readonly byte[] Question = "\n"u8.ToArray();

    /// <summary>Measures and asks.</summary>
    /// <exception cref="ProdOpsException">The server does not answer with a time.</exception>
    public Task<ServerClock> ReadAsync(IServerShell shell, int sampleCount, CancellationToken cancellationToken) => RunAsync(
        shell, ClockProbe.Script, sampleCount,
        async (samples, reader) => ToModel(shell.Name, samples, ClockFacts.Parse(await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false))), cancellationToken);

    /// <summary>Measures the offset alone, and asks nothing else: a fraction of a second's work for the server.</summary>
    /// <exception cref="ProdOpsException">The server does not answer with a time.</exception>
    public Task<ClockEstimate> MeasureAsync(IServerShell shell, CancellationToken cancellationToken) =>
        RunAsync(shell, ClockProbe.Answers, DefaultSampleCount, (samples, _) => Task.FromResult(ClockEstimate.From(samples)), cancellationToken);

    /// <summary>Runs a script that answers with its time as often as it is asked, and reads what it says after that.</summary>
    private async Task<T> RunAsync<T>(IServerShell shell, string script, int sampleCount, Func<List<ClockSample>, StreamReader, Task<T>> read, CancellationToken cancellationToken)
    {
        var command = new ServerCommand(script) { Idempotent = true };
        await using var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        var output = new BoundedStream(process.StandardOutput, MaximumOutput, () => ServersErrors.OutputTooLarge(shell.Name, command.Text, MaximumOutput));
        using var reader = new StreamReader(output, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var complaints = BoundedStream.ReadStartAsync(process.StandardError, stop.Token);
        try
        {
            var samples = await AskAsync(shell, process, reader, sampleCount, complaints, cancellationToken).ConfigureAwait(false);
            await process.StandardInput.DisposeAsync().ConfigureAwait(false);
            return await read(samples, reader).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)complaints).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<ClockSample>> AskAsync(
        IServerShell shell, IServerProcess process, StreamReader reader, int count, Task<string> complaints, CancellationToken cancellationToken)
    {
        // The first answer waits for the shell and its first process to start; it would win no comparison.
        await AskOnceAsync(shell, process, reader, complaints, cancellationToken).ConfigureAwait(false);
        var samples = new List<ClockSample>();
        long began = time.GetTimestamp();
        int changes = 0;
        while (samples.Count < count || (samples[^1].Resolution >= TimeSpan.FromSeconds(1) && changes < 2 && time.GetElapsedTime(began) < CoarseLimit))
        {
            var sample = await AskOnceAsync(shell, process, reader, complaints, cancellationToken).ConfigureAwait(false);
            if (samples.Count > 0 && sample.Time != samples[^1].Time) changes++;
            samples.Add(sample);
        }

        return samples;
    }

    private async Task<ClockSample> AskOnceAsync(IServerShell shell, IServerProcess process, StreamReader reader, Task<string> complaints, CancellationToken cancellationToken)
    {
        string? line;
        DateTimeOffset sent;
        long asked;
        try
        {
            sent = time.GetUtcNow();
            asked = time.GetTimestamp();
            await process.StandardInput.WriteAsync(Question, cancellationToken).ConfigureAwait(false);
            await process.StandardInput.FlushAsync(cancellationToken).ConfigureAwait(false);
            line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw ServersErrors.ClockSilent(shell.Name, exception.Message, exception);
        }

        var roundTrip = time.GetElapsedTime(asked);
        if (line is not null && ClockProbe.TryParseAnswer(line, out var moment, out var resolution)) return new ClockSample(sent, roundTrip, moment, resolution);
        string said = line ?? (await complaints.WaitAsync(cancellationToken).ConfigureAwait(false)).Trim();
        throw ServersErrors.ClockSilent(shell.Name, said.Length == 0 ? "it says nothing" : said, cause: null);
    }

    private ServerClock ToModel(string server, List<ClockSample> samples, ClockFacts facts)
    {
        var estimate = ClockEstimate.From(samples);
        return new ServerClock
        {
            Server = server,
            Offset = estimate.Offset,
            Uncertainty = estimate.Uncertainty,
            RoundTrip = estimate.RoundTrip,
            SampleCount = samples.Count,
            Time = (time.GetUtcNow() + estimate.Offset).ToOffset(facts.UtcOffset ?? TimeSpan.Zero),
            TimeZone = facts.TimeZone,
            UtcOffset = facts.UtcOffset,
            NtpService = facts.NtpService,
            NtpSource = facts.NtpSource,
            Stratum = facts.Stratum,
            EstimatedError = facts.EstimatedError,
            IsSynchronized = facts.IsSynchronized,
            LeapStatus = facts.Leap,
            BootTime = facts.BootTime?.ToOffset(facts.UtcOffset ?? TimeSpan.Zero),
        };
    }
}
