using System.Globalization;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Journal;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Logging.Formats;
using ProdOps.Servers.Clocks;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Logging.Collecting;

/// <summary>One round over all sources of a server. What one source fails with is an error of its own; the others go on.</summary>
/// <param name="shell">The server's shell.</param>
/// <param name="sink">Keeps the lines.</param>
/// <param name="options">How they are collected.</param>
/// <param name="activity">What happens; its errors are those of sources.</param>
/// <param name="time">The clock.</param>
internal sealed class ServerRound(IServerShell shell, ILogSink sink, CollectOptions options, IActivity activity, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();

    /// <summary>Collects what is new.</summary>
    /// <param name="sources">The environment's sources of the server; <see langword="null"/> for what is found there.</param>
    /// <param name="emit">Takes a result a source.</param>
    /// <param name="cancellationToken">Stops. What came before is kept.</param>
    /// <returns>How many sources there were.</returns>
    public async Task<int> RunAsync(IReadOnlyList<LogSourceDefinition>? sources, Func<LogSyncResult, Task> emit, CancellationToken cancellationToken)
    {
        var clock = MeasureAsync(cancellationToken);
        var (chosen, facts) = await ChooseAsync(sources, cancellationToken).ConfigureAwait(false);
        var offset = await clock.ConfigureAwait(false);
        foreach (bool asRoot in (bool[])[false, true])
            await RunFilesAsync([.. chosen.Where(source => SourceSelection.KindOf(source) == LogSourceKind.File && source.AsRoot == asRoot)], asRoot, offset, emit, cancellationToken).ConfigureAwait(false);
        foreach (var source in chosen.Where(source => SourceSelection.KindOf(source) != LogSourceKind.File))
        {
            try
            {
                await RunOtherAsync(source, facts, offset, emit, cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
            {
                activity.Error(error);
            }
        }

        return chosen.Count;
    }

    /// <summary>The sources that are meant, and what is known of the server.</summary>
    public async Task<(IReadOnlyList<LogSourceDefinition> Sources, ServerFacts Facts)> ChooseAsync(IReadOnlyList<LogSourceDefinition>? sources, CancellationToken cancellationToken)
    {
        ServerFacts facts;
        if (sources is null)
        {
            var patterns = new FilePatterns(SourceSelection.UsualPaths, []);
            facts = await new ServerFiles(shell, options.AsRoot).ProbeAsync(patterns.ToProbe, cancellationToken).ConfigureAwait(false);
            sources = SourceSelection.Found([.. facts.Files.Where(file => patterns.Matches(file.Path))], facts.HasJournal);
        }
        else facts = await new ServerFiles(shell, options.AsRoot).ProbeAsync([], cancellationToken).ConfigureAwait(false);
        var chosen = sources.Where(source => options.Sources.Count == 0 || options.Sources.Any(pattern => NamePattern.IsMatch(pattern, source.Name)));
        return ([.. chosen.Select(source => source with { AsRoot = source.AsRoot || options.AsRoot })], facts);
    }

    private async Task RunFilesAsync(IReadOnlyList<LogSourceDefinition> sources, bool asRoot, TimeSpan? offset, Func<LogSyncResult, Task> emit, CancellationToken cancellationToken)
    {
        if (sources.Count == 0) return;
        var server = new ServerFiles(shell, asRoot);
        var taking = new List<Taking>();
        try
        {
            foreach (var source in sources)
            {
                try
                {
                    var taken = await LockAsync(source, offset, cancellationToken).ConfigureAwait(false);
                    taking.Add(taken);
                    await taken.Round.Source.LoadAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (ProdOpsException error)
                {
                    activity.Error(error);
                    if (taking.Count > 0 && taking[^1].Definition == source) taking[^1].Round.Failure = error;
                }
            }

            var rounds = taking.Where(one => one.Round.Failure is null).Select(one => one.Round).ToList();
            await new FileRound(server, activity) { OnFacts = facts => taking.ForEach(one => one.Writer.Zone = ZoneOf(one.Definition, facts)) }.RunAsync(rounds, cancellationToken).ConfigureAwait(false);
            long all = Math.Max(1, taking.Sum(one => one.Round.Source.BytesRead));
            foreach (var one in taking) await TellAsync(one, server.BytesReceived * one.Round.Source.BytesRead / all, emit).ConfigureAwait(false);
        }
        finally
        {
            foreach (var one in taking) await one.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task TellAsync(Taking taking, long transferred, Func<LogSyncResult, Task> emit)
    {
        var (definition, source) = (taking.Definition, taking.Round.Source);
        foreach (var gap in source.Gaps)
        {
            string bytes = gap.Bytes > 0 ? $"at least {gap.Bytes:N0} bytes" : "how much is not known";
            activity.Warning($"{shell.Name}: lines of '{gap.Path}' are gone that were not collected: {bytes}. The file was deleted, cut or replaced, and no rotated file has them.");
        }

        foreach (var (path, end) in source.Failures)
        {
            activity.Error(end switch
            {
                ReadEnd.Denied => LoggingErrors.LogFileDenied(shell.Name, definition.Name, path),
                ReadEnd.NoTool => LoggingErrors.UnpackerMissing(shell.Name, definition.Name, path),
                _ => LoggingErrors.LogFileDamaged(shell.Name, definition.Name, path),
            });
        }

        if (taking.Round.Failure is ProdOpsException failure)
        {
            if (taking.IsLoaded) activity.Error(failure);
            return;
        }

        await emit(new LogSyncResult
        {
            Server = shell.Name,
            Source = definition.Name,
            Kind = LogSourceKind.File,
            Files = source.FilesRead.Count,
            Lines = taking.Writer.Kept.Lines,
            Bytes = taking.Writer.Kept.Bytes,
            BytesTransferred = transferred,
            Gaps = source.Gaps.Count,
            GapBytes = source.Gaps.Sum(gap => gap.Bytes),
            Rotations = source.Rotations,
            CutLines = source.CutLines,
            Behind = source.Checkpoint.Families.Sum(family => Math.Max(0, family.Active.Size - family.Active.Offset)),
            ClockOffset = taking.Writer.ClockOffset,
            Duration = time.GetElapsedTime(_began),
        }).ConfigureAwait(false);
    }

    private async Task RunOtherAsync(LogSourceDefinition definition, ServerFacts facts, TimeSpan? offset, Func<LogSyncResult, Task> emit, CancellationToken cancellationToken)
    {
        var stream = new LogStream(shell.Name, definition.Name);
        await using var held = await sink.LockAsync(stream, cancellationToken).ConfigureAwait(false);
        using var writer = new BatchWriter(sink, stream, time) { Format = definition.Format ?? (definition.Journal ? "journald" : null), MultiLine = RuleOf(definition), Zone = ZoneOf(definition, facts), ClockOffset = offset };
        var result = new LogSyncResult { Server = shell.Name, Source = definition.Name, Kind = SourceSelection.KindOf(definition), ClockOffset = offset };
        ProdOpsException? failure = null;
        if (definition.Journal)
        {
            var journal = new JournalSource(writer, shell, definition);
            failure = await CatchAsync(journal.RunAsync(facts, options.FirstWindow, activity, cancellationToken)).ConfigureAwait(false);
            if (journal.HasGap) activity.Warning($"{shell.Name}: entries of the journal from {journal.Gap.From:u} to {journal.Gap.To:u} are gone that were not collected ({definition.Name}).");
            result = result with { BytesTransferred = journal.BytesReceived, Gaps = journal.HasGap ? 1 : 0 };
        }
        else
        {
            var command = new CommandSource(writer, shell, definition, time);
            failure = await CatchAsync(command.RunAsync(cancellationToken)).ConfigureAwait(false);
            result = result with { BytesTransferred = command.BytesReceived, CutLines = command.CutLines };
        }

        if (failure is not null) activity.Error(failure);
        if (failure is null || writer.Kept.Lines > 0)
            await emit(result with { Files = writer.Kept.Lines > 0 ? 1 : 0, Lines = writer.Kept.Lines, Bytes = writer.Kept.Bytes, Duration = time.GetElapsedTime(_began) }).ConfigureAwait(false);
    }

    private static async Task<ProdOpsException?> CatchAsync(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
            return null;
        }
        catch (ProdOpsException error)
        {
            return error;
        }
    }

    private async Task<Taking> LockAsync(LogSourceDefinition source, TimeSpan? offset, CancellationToken cancellationToken)
    {
        var stream = new LogStream(shell.Name, source.Name);
        // Before the lock: what is refused must not keep it.
        string? rule = RuleOf(source);
        var held = await sink.LockAsync(stream, cancellationToken).ConfigureAwait(false);
        var writer = new BatchWriter(sink, stream, time) { Format = source.Format, MultiLine = rule, ClockOffset = offset };
        var files = new FileSource(writer, new RotationOptions(options.FirstWindow));
        return new Taking(source, writer, new RoundSource(files, new FilePatterns(source.Path, source.Exclude)), held);
    }

    /// <summary>An entry of the journal is one whatever its lines.</summary>
    private static string? RuleOf(LogSourceDefinition source)
    {
        if (source.Journal) return null;
        MultiLineFormat.Check(source.MultiLine);
        return source.MultiLine;
    }

    private static TimeZoneInfo ZoneOf(LogSourceDefinition source, ServerFacts facts) =>
        source.Zone is { } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : facts.Zone;

    /// <summary>What to say about a clock that is off by more than it may be; nothing where the measurement does not prove it.</summary>
    internal static string? ClockWarning(string server, TimeSpan offset, TimeSpan uncertainty, TimeSpan? limit) => limit is { } most && offset.Duration() - uncertainty > most
        ? string.Create(CultureInfo.InvariantCulture, $"{server}: the clock is {offset.Duration().TotalSeconds:0.###} s {(offset > TimeSpan.Zero ? "ahead" : "behind")}, more than the {most.TotalSeconds:0.###} s of Logging.ClockSkewLimit. Search-Log -CorrectClock takes that off the times; Get-ServerClock tells what keeps the clock right.")
        : null;

    private async Task<TimeSpan?> MeasureAsync(CancellationToken cancellationToken)
    {
        if (!options.MeasuresClock) return null;
        try
        {
            var clock = await new ClockReader(time).MeasureAsync(shell, cancellationToken).ConfigureAwait(false);
            if (ClockWarning(shell.Name, clock.Offset, clock.Uncertainty, options.ClockSkewLimit) is { } warning) activity.Warning(warning);
            return clock.Offset;
        }
        catch (ProdOpsException error)
        {
            activity.Verbose($"The clock of {shell.Name} was not measured: {error.Message}");
            return null;
        }
    }

    private sealed record Taking(LogSourceDefinition Definition, BatchWriter Writer, RoundSource Round, IAsyncDisposable Held) : IAsyncDisposable
    {
        /// <summary>Whether its checkpoint could be read; if not, that was told.</summary>
        public bool IsLoaded => Round.Source.IsLoaded;

        public async ValueTask DisposeAsync()
        {
            Round.Source.Dispose();
            Writer.Dispose();
            await Held.DisposeAsync().ConfigureAwait(false);
        }
    }
}
