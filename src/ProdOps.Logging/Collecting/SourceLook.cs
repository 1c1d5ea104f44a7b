using System.Text;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Logging.Formats;
using ProdOps.Servers.Commands;

namespace ProdOps.Logging.Collecting;

/// <summary>Tells which logs a server has and how far they are collected, without collecting anything.</summary>
/// <param name="shell">The server's shell.</param>
/// <param name="sink">Where they would be kept.</param>
/// <param name="options">How they would be collected.</param>
/// <param name="activity">What happens.</param>
internal sealed class SourceLook(IServerShell shell, ILogSink sink, CollectOptions options, IActivity activity)
{
    /// <summary>How much of a log is read to guess its format, in bytes.</summary>
    private const int SampleSize = 32 * 1024;

    /// <summary>The sources, in the order of the environment.</summary>
    public async Task<IReadOnlyList<LogSource>> RunAsync(IReadOnlyList<LogSourceDefinition>? sources, CancellationToken cancellationToken)
    {
        var (chosen, _) = await new ServerRound(shell, sink, options, activity, TimeProvider.System).ChooseAsync(sources, cancellationToken).ConfigureAwait(false);
        var found = new List<LogSource>();
        foreach (bool asRoot in (bool[])[false, true])
        {
            LogSourceDefinition[] files = [.. chosen.Where(source => SourceSelection.KindOf(source) == LogSourceKind.File && source.AsRoot == asRoot)];
            if (files.Length == 0) continue;
            var server = new ServerFiles(shell, asRoot);
            var facts = await server.ProbeAsync([.. files.SelectMany(source => new FilePatterns(source.Path, source.Exclude).ToProbe).Distinct(StringComparer.Ordinal)], cancellationToken).ConfigureAwait(false);
            foreach (var source in files) found.Add(await LookAsync(source, server, facts, cancellationToken).ConfigureAwait(false));
        }

        foreach (var source in chosen.Where(source => SourceSelection.KindOf(source) != LogSourceKind.File))
        {
            found.Add(new LogSource
            {
                Server = shell.Name,
                Name = source.Name,
                Kind = SourceSelection.KindOf(source),
                Path = source.Journal ? source.JournalUnit : [source.Command!],
                Format = source.Format ?? (source.Journal ? "journald" : null),
                IsCollected = await sink.GetCheckpointAsync(new LogStream(shell.Name, source.Name), cancellationToken).ConfigureAwait(false) is not null,
            });
        }

        return [.. chosen.Join(found, source => source.Name, source => source.Name, (_, source) => source)];
    }

    private async Task<LogSource> LookAsync(LogSourceDefinition source, ServerFiles server, ServerFacts facts, CancellationToken cancellationToken)
    {
        var patterns = new FilePatterns(source.Path, source.Exclude);
        FileFact[] files = [.. facts.Files.Where(file => patterns.Matches(file.Path))];
        using var writer = new BatchWriter(sink, new LogStream(shell.Name, source.Name), TimeProvider.System);
        using var collector = new FileSource(writer, new RotationOptions(options.FirstWindow));
        await collector.LoadAsync(cancellationToken).ConfigureAwait(false);
        var families = FamilyList.Of(collector.Checkpoint, new ProbeFacts(facts.Now, files) { IsLog = patterns.IsLog });
        var newest = files.MaxBy(file => file.Modified);
        return new LogSource
        {
            Server = shell.Name,
            Name = source.Name,
            Path = [.. families.Select(family => family.Path)],
            Format = source.Format ?? await GuessAsync(families, newest, source.AsRoot, cancellationToken).ConfigureAwait(false),
            Size = files.Sum(file => file.Size),
            NewestTime = newest is null ? null : TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch.AddMicroseconds(newest.Modified), facts.Zone),
            IsReadable = Array.TrueForAll(files, file => file.IsReadable),
            IsCollected = writer.Checkpoint is not null,
            Behind = await BehindAsync(collector, server, facts, patterns, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>What a round would read now.</summary>
    private static async Task<long> BehindAsync(FileSource collector, ServerFiles server, ServerFacts facts, FilePatterns patterns, CancellationToken cancellationToken)
    {
        for (int i = 0; i < FileRound.MaximumAnswers; i++)
        {
            var wishes = collector.Decide(facts, patterns, isLast: true);
            if (wishes.Count == 0) return collector.Steps.Sum(step => step.Behind);
            var contents = await server.LookAsync(wishes, cancellationToken).ConfigureAwait(false);
            for (int wish = 0; wish < wishes.Count; wish++) collector.Look(wishes[wish], contents[wish], isLast: true);
        }

        return 0;
    }

    private async Task<string?> GuessAsync(IReadOnlyList<LogFamily> families, FileFact? newest, bool asRoot, CancellationToken cancellationToken)
    {
        var file = families.Select(family => family.Live).OfType<FileFact>().Where(file => file is { IsReadable: true, IsPacked: false, Size: > 0 }).MaxBy(file => file.Modified)
            ?? (newest is { IsReadable: true, IsPacked: false, Size: > 0 } ? newest : null);
        if (file is null) return null;
        var script = new StringBuilder("head -c ").Append(SampleSize).Append(" <").Append(ShellQuote.Word(file.Path));
        var output = await shell.RunAsync(new ServerCommand(script.ToString()) { Idempotent = true, AsRoot = asRoot }, cancellationToken).ConfigureAwait(false);
        return output.StandardOutput.IsEmpty ? null : FormatDetector.Detect(output.StandardOutput.Span, file.Path).Name;
    }
}
