using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Collecting.Files;

/// <summary>A source that takes part in a round.</summary>
/// <param name="Source">Collects it.</param>
/// <param name="Patterns">What it collects.</param>
internal sealed record RoundSource(FileSource Source, FilePatterns Patterns)
{
    /// <summary>Why it went no further; the others went on.</summary>
    public Exception? Failure { get; set; }
}

/// <summary>One round over the files of a server: one look at all sources' files, then one reading of all that is new in them.</summary>
/// <param name="server">The server's files.</param>
/// <param name="activity">What happens.</param>
internal sealed class FileRound(IServerFiles server, IActivity activity)
{
    /// <summary>Files that change while they are read are looked at again so often; then the next round has to do.</summary>
    private const int MaximumLooks = 5;

    /// <summary>What is known of files that do not change only grows, so that it is enough after a few answers. With too few a log would be left for good whose files are many.</summary>
    public const int MaximumAnswers = 12;

    /// <summary>Is told what each look has found.</summary>
    public Action<ServerFacts>? OnFacts { get; init; }

    /// <summary>Collects what is new. What a source fails with is kept with it.</summary>
    /// <exception cref="ProdOpsException">The server does not answer any more. What came before is kept.</exception>
    public async Task RunAsync(IReadOnlyList<RoundSource> sources, CancellationToken cancellationToken)
    {
        List<RoundSource> left = [.. sources];
        for (int look = 0; look < MaximumLooks && left.Count > 0; look++)
        {
            if (look > 0) activity.Verbose("Files changed while they were read: looking at them again.");
            var facts = await server.ProbeAsync([.. left.SelectMany(source => source.Patterns.ToProbe).Distinct(StringComparer.Ordinal)], cancellationToken).ConfigureAwait(false);
            OnFacts?.Invoke(facts);
            var ready = await DecideAsync(left, facts, isLast: look >= MaximumLooks - 2, cancellationToken).ConfigureAwait(false);
            await ReadAsync(ready, cancellationToken).ConfigureAwait(false);
            left = [.. left.Where(source => !ready.Contains(source) || (source.Failure is null && source.Source.NeedsAnotherLook))];
        }
    }

    /// <returns>The sources of which it is known what to read. All or none, as long as another look at all of them costs no more than one for the others alone; in the end none waits for another.</returns>
    private async Task<List<RoundSource>> DecideAsync(List<RoundSource> sources, ServerFacts facts, bool isLast, CancellationToken cancellationToken)
    {
        var ready = new List<RoundSource>();
        List<RoundSource> open = [.. sources];
        // Each answer leads further; files that change with each look do not, and are looked at anew.
        for (int i = 0; i < MaximumAnswers; i++)
        {
            var wishes = open.ConvertAll(source => (source, Wishes: source.Source.Decide(facts, source.Patterns, isLast)));
            ready.AddRange(wishes.Where(source => source.Wishes.Count == 0).Select(source => source.source));
            ContentWish[] all = [.. wishes.SelectMany(source => source.Wishes).Distinct()];
            if (all.Length == 0) return [.. sources.Where(ready.Contains)];
            var contents = await server.LookAsync(all, cancellationToken).ConfigureAwait(false);
            open = [];
            bool isCurrent = true;
            foreach (var (source, own) in wishes.Where(source => source.Wishes.Count > 0))
            {
                // Each answer counts, also after one that does not.
                bool[] answers = [.. own.Select(wish => source.Source.Look(wish, contents[Array.IndexOf(all, wish)], isLast))];
                if (Array.TrueForAll(answers, isRight => isRight)) open.Add(source);
                else isCurrent = false;
            }

            if (!isCurrent && !isLast) return [];
        }

        return isLast ? [.. sources.Where(ready.Contains)] : [];
    }

    private async Task ReadAsync(List<RoundSource> sources, CancellationToken cancellationToken)
    {
        // Sources of plain files come first: all of theirs is read by one command. What is packed is read by a command of its own, in its place.
        var work = new List<Work>();
        foreach (var source in sources.OrderBy(source => source.Source.Steps.Any(step => step.To is null)))
        {
            var steps = source.Source.Steps;
            for (int i = 0; i < steps.Count; i++) work.Add(new Work(source, i, steps[i], i == steps.Count - 1));
            if (steps.Count == 0) await GuardAsync(source, () => source.Source.CommitAsync(cancellationToken)).ConfigureAwait(false);
        }

        try
        {
            for (int i = 0; i < work.Count;)
            {
                int count = 1;
                if (!IsEmpty(work[i]) && !IsPacked(work[i])) while (i + count < work.Count && !IsPacked(work[i + count]) && !IsEmpty(work[i + count])) count++;
                var target = new Target(work.GetRange(i, count));
                i += count;
                if (target.Work is [var single] && IsEmpty(single)) await target.SkipAsync(cancellationToken).ConfigureAwait(false);
                else if (target.Work.Exists(item => item.IsWanted)) await server.ReadAsync(target.Work.ConvertAll(item => item.Step), target, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            // What has come before a connection was lost need not come again.
            if (!cancellationToken.IsCancellationRequested)
                foreach (var source in sources) await GuardAsync(source, () => source.Source.CommitAsync(cancellationToken)).ConfigureAwait(false);
        }
    }

    private static bool IsPacked(Work work) => work.Step.To is null;

    private static bool IsEmpty(Work work) => work.Step is { To: not null, Length: 0 };

    private static async Task GuardAsync(RoundSource source, Func<Task> action)
    {
        if (source.Failure is not null) return;
        try
        {
            await action().ConfigureAwait(false);
        }
        catch (ProdOpsException error)
        {
            source.Failure = error;
        }
    }

    private sealed record Work(RoundSource Source, int Index, ReadStep Step, bool IsLast)
    {
        public bool IsWanted => Source.Failure is null && Source.Source.Wants(Index);
    }

    private sealed class Target(List<Work> work) : IReadTarget
    {
        public List<Work> Work => work;

        public bool Wants(int step) => work[step].IsWanted;

        public void Begin(int step, ReadOnlySpan<byte> head)
        {
            if (work[step].IsWanted) work[step].Source.Source.Begin(work[step].Index, head);
        }

        public Task TakeAsync(int step, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            GuardAsync(work[step].Source, () => work[step].Source.Source.TakeAsync(work[step].Index, bytes, cancellationToken));

        public Task EndAsync(int step, ReadEnd end, CancellationToken cancellationToken) => GuardAsync(work[step].Source, async () =>
        {
            await work[step].Source.Source.EndAsync(work[step].Index, end, cancellationToken).ConfigureAwait(false);
            if (work[step].IsLast) await work[step].Source.Source.CommitAsync(cancellationToken).ConfigureAwait(false);
        });

        public Task SkipAsync(CancellationToken cancellationToken) => GuardAsync(work[0].Source, async () =>
        {
            work[0].Source.Source.Skip(work[0].Index);
            if (work[0].IsLast) await work[0].Source.Source.CommitAsync(cancellationToken).ConfigureAwait(false);
        });
    }
}
