using ProdOps.Recovery.Html;
using ProdOps.Recovery.Reports.Html;

namespace ProdOps.Recovery.Consoles;

/// <summary>
/// The report as it is now, for all who look at it together: gathered when somebody looks and it is older than it may be, or something was done here since, and never while nobody does. Each part knows since when it
/// is what it is, so that who has seen some state gets what has changed since.
/// </summary>
/// <param name="sources">Gathers it; the token is the console's: who asked first may have gone before it is there.</param>
/// <param name="ending">Ends with the console.</param>
internal sealed class LiveReport(ConsoleSources sources, CancellationToken ending) : IDisposable
{
    // Gathering that takes long leaves the machine some rest.
    private const int RestFactor = 4, MostDeeds = 3;

    private readonly SemaphoreSlim _one = new(1);
    private readonly TimeProvider _time = sources.Time;
    private readonly bool _canAct = sources.Actions is not null;
    private LiveState? _state;
    private long _gathered;
    private Deeds _last = new([]);

    /// <summary>The report, not older than it may be.</summary>
    public async Task<LiveState> LookAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var last = Volatile.Read(ref _last);
            if (_state is { } fresh && fresh.Last == last && _time.GetElapsedTime(_gathered) < fresh.Pause) return fresh;
            long begun = _time.GetTimestamp();
            var report = await sources.Report(ending).ConfigureAwait(false);
            var parts = ReportParts.Of(report, _canAct);
            ReportPart[] head = _canAct ? [parts.Made, parts.Navigation, new ReportPart("done", new HtmlWriter().Add($"<p id=\"done\">").Each(last.Texts, static (html, text) => html.Add($" <span>{text}</span>")).Add($"</p>\n"))] : [parts.Made, parts.Navigation];
            // A console that was started anew goes on above where another was: what was seen of that one is old.
            long number = Math.Max((_state?.Number ?? 0) + 1, _time.GetUtcNow().ToUnixTimeMilliseconds());
            var before = _state?.Parts.ToDictionary(static part => part.Id, StringComparer.Ordinal) ?? [];
            _gathered = _time.GetTimestamp();
            var rest = _time.GetElapsedTime(begun, _gathered) * RestFactor;
            _state = new LiveState(number, [.. head.Concat(parts.Sections).Select(part => new LivePart(part, number)).Select(part => before.TryGetValue(part.Id, out var old) && old.Text == part.Text ? old : part)])
            {
                Name = report.Environment.Name,
                HeadCount = head.Length,
                Footer = parts.Footer,
                Pause = rest > sources.Interval ? rest : sources.Interval,
                Last = last,
            };
            return _state;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Waits until there is another state than one that was seen.</summary>
    public async Task<LiveState> AfterAsync(long seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = await LookAsync(cancellationToken).ConfigureAwait(false);
            if (state.Number != seen) return state;
            var left = state.Pause - _time.GetElapsedTime(_gathered);
            if (left <= TimeSpan.Zero) continue;
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(Task.Delay(left, _time, over.Token), state.Last.Followed).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Something was done here: all who look see it, and what came of it, at once.</summary>
    /// <param name="text">What, and by whom.</param>
    public void Tell(HtmlWriter text)
    {
        Deeds last;
        do last = Volatile.Read(ref _last);
        while (Interlocked.CompareExchange(ref _last, new Deeds([.. last.Texts.TakeLast(MostDeeds - 1), text]), last) != last);
        last.Follow();
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();
}

/// <summary>What was done last, the newest at the end.</summary>
/// <param name="texts">It in words.</param>
internal sealed class Deeds(IReadOnlyList<HtmlWriter> texts)
{
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<HtmlWriter> Texts => texts;

    /// <summary>Ends when something else was done.</summary>
    public Task Followed => _followed.Task;

    public void Follow() => _followed.TrySetResult();
}
